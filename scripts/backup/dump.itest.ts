import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { connect } from '@/db/connection'
import { migrateDatabase } from '@/db/migrate'
import { createGroup } from '@/lib/groups'
import { editMessage } from '@/lib/message-changes'
import { sendMessage } from '@/lib/messages'
import { setReaction } from '@/lib/reactions'
import { newDatabase } from '@/testing/databases'
import { friends, say } from '@/testing/people'
import { dump, load } from './dump'

const from = String(process.env.DATABASE_URL)

/** Runs `work` with a database of its own, in the state after the first start. */
async function withNewDatabase(work: (url: string) => Promise<void>) {
  const url = await newDatabase()
  await migrateDatabase(url)
  await work(url)
}

async function dumped(url: string) {
  const output = new PassThrough()
  const [text, size] = await Promise.all([buffer(output), dump(url, output).finally(() => output.end())])
  return { text: text.toString(), size }
}

/** Rows of a table can be in any order. */
const sorted = (text: string) => text.split('\n').sort()

/** The text in chunks, as when a file is read. */
async function* chunks(text: string) {
  const bytes = Buffer.from(text)
  for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000)
}

const bodies = ['a\\b\tc\nd', 'x\n["end"]\ny', '["end"]', 'a\u2028b\u2029c', '😀'.repeat(999)]

test('a restored backup is identical, and a second restore into the same database is refused', async () => {
  const { ada, bob, id } = await friends()
  for (const body of bodies) await say(ada, id, body)
  await sendMessage(ada, id, { body: `yes, @${bob.username}`, replyTo: 1 })
  await editMessage(ada, id, 1, { body: 'edited' })
  await setReaction(bob, id, 1, '👍', true)
  // Has a notice, and an invitation that names it.
  await createGroup(ada, { title: 'tea', usernames: [bob.username] })
  const { text, size } = await dumped(from)
  for (const table of ['message_changes', 'message_versions', 'reactions', 'replies', 'mentions', 'notices'])
    assert.ok(text.includes(`["${table}"`), table)
  assert.ok(size.messages >= bodies.length && size.people >= 2)
  await withNewDatabase(async (to) => {
    assert.deepEqual(await load(to, chunks(text)), size)
    assert.deepEqual(sorted((await dumped(to)).text), sorted(text))
    await assert.rejects(load(to, chunks(text)), /already contains people/)
  })
})

test('a database with many people can be backed up and restored', async () => {
  await withNewDatabase((many) =>
    withNewDatabase(async (to) => {
      const { $client } = connect(many, 1)
      await $client`insert into users (username) select 'user-' || n from generate_series(1, 20000) as n`
      await $client.end()
      const { text, size } = await dumped(many)
      assert.equal(size.people, 20_000)
      await load(to, chunks(text))
      assert.deepEqual(sorted((await dumped(to)).text), sorted(text))
    }),
  )
})

test('nothing is restored from a backup that is incomplete, damaged or from another version', async () => {
  const { text } = await dumped(from)
  await withNewDatabase(async (to) => {
    const before = (await dumped(to)).text
    for (const [faulty, reason] of [
      [text.slice(0, text.indexOf('["messages"') + 300), /damaged or incomplete/],
      [text.slice(0, text.indexOf('["messages"')), /damaged or incomplete/],
      [text.replace(/^\["users".*$/m, '["users"'), /damaged or incomplete/],
      [text.replace('["users"', '["pg_authid"'), /damaged or incomplete/],
      [text.replace('["users"', '["users; drop table users"'), /damaged or incomplete/],
      [text.replace(/^\["users".*\n/m, ''), /foreign key/],
      [text.replace(/"schema", ?"\d+"/, '"schema","1"'), /another version/],
      ['', /damaged or incomplete/],
    ] as const)
      await assert.rejects(load(to, chunks(faulty)), reason)
    assert.equal((await dumped(to)).text, before)
  })
})

test('a backup and a restore may take longer than the site’s statements', async () => {
  const { text } = await dumped(from)
  await withNewDatabase(async (to) => {
    const name = new URL(to).pathname.slice(1)
    const sql = postgres(to, { max: 1 })
    for (const bound of ['statement_timeout', 'lock_timeout'])
      await sql.unsafe(`alter role session_user in database ${name} set ${bound} = '300ms'`)
    for (const work of [() => load(to, chunks(text)), async () => (await dumped(to)).size]) {
      const underway = sql.begin(async (tx) => {
        await tx`lock table users in access exclusive mode`
        await sleep(900)
      })
      await Promise.all([underway, sleep(100).then(work)])
    }
    await sql.end()
  })
})
