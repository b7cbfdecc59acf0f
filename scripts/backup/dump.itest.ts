import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { connect } from '@/db/connection'
import { migrateDatabase } from '@/db/migrate'
import { newDatabase } from '@/testing/databases'
import { friends, say } from '@/testing/people'
import { dump, load } from './dump'

const from = String(process.env.DATABASE_URL)

/** Does something with a database of its own, as new as after the first start. */
async function withNewDatabase(work: (url: string) => Promise<void>) {
  const url = await newDatabase()
  await migrateDatabase(url)
  await work(url)
}

async function dumped(url: string) {
  const output = new PassThrough()
  const [text, extent] = await Promise.all([buffer(output), dump(url, output).finally(() => output.end())])
  return { text: text.toString(), extent }
}

/** The rows of a table come in any order. */
const sorted = (text: string) => text.split('\n').sort()

/** In pieces, as a file comes. */
async function* pieces(text: string) {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000)
}

const bodies = ['a\\b\tc\nd', 'x\n["end"]\ny', '["end"]', 'a\u2028b\u2029c', '😀'.repeat(999)]

test('what was backed up and restored is the same, to the letter; and it is not written over', async () => {
  const { ada, id } = await friends()
  for (const body of bodies) await say(ada, id, body)
  const { text, extent } = await dumped(from)
  assert.ok(extent.messages >= bodies.length && extent.people >= 2)
  await withNewDatabase(async (to) => {
    assert.deepEqual(await load(to, pieces(text)), extent)
    assert.deepEqual(sorted((await dumped(to)).text), sorted(text))
    await assert.rejects(load(to, pieces(text)), /holds people already/)
  })
})

test('a database of many people is backed up and restored as well', async () => {
  await withNewDatabase((many) =>
    withNewDatabase(async (to) => {
      const { $client } = connect(many, 1)
      await $client`insert into users (username) select 'user-' || n from generate_series(1, 20000) as n`
      await $client.end()
      const { text, extent } = await dumped(many)
      assert.equal(extent.people, 20_000)
      await load(to, pieces(text))
      assert.deepEqual(sorted((await dumped(to)).text), sorted(text))
    }),
  )
})

test('of a backup that is cut off, damaged, or another version’s, nothing is taken', async () => {
  const { text } = await dumped(from)
  await withNewDatabase(async (to) => {
    const before = (await dumped(to)).text
    for (const [faulty, reason] of [
      [text.slice(0, text.indexOf('["messages"') + 300), /cut off/],
      [text.slice(0, text.indexOf('["messages"')), /cut off/],
      [text.replace(/^\["users".*$/m, '["users"'), /damaged/],
      [text.replace('["users"', '["pg_authid"'), /damaged/],
      [text.replace('["users"', '["users; drop table users"'), /damaged/],
      [text.replace(/^\["users".*\n/m, ''), /foreign key/],
      [text.replace(/"schema", ?"\d+"/, '"schema","1"'), /another version/],
      ['', /cut off/],
    ] as const)
      await assert.rejects(load(to, pieces(faulty)), reason)
    assert.equal((await dumped(to)).text, before)
  })
})

test('a backup and a restore may take longer than a statement of the site', async () => {
  const { text } = await dumped(from)
  await withNewDatabase(async (to) => {
    const name = new URL(to).pathname.slice(1)
    const sql = postgres(to, { max: 1 })
    for (const bound of ['statement_timeout', 'lock_timeout'])
      await sql.unsafe(`alter role session_user in database ${name} set ${bound} = '300ms'`)
    for (const work of [() => load(to, pieces(text)), async () => (await dumped(to)).extent]) {
      const underway = sql.begin(async (tx) => {
        await tx`lock table users in access exclusive mode`
        await sleep(900)
      })
      await Promise.all([underway, sleep(100).then(work)])
    }
    await sql.end()
  })
})
