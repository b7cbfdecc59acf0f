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
import { dump, leftOut, load } from './dump'

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

/** A row in each table that the operator's pages, moderation and account deletion use. */
const rowsOfOwn = `
  insert into users (username, role, suspended_until, suspension_reason) values ('op', 'operator', null, null),
    ('bad', 'person', 'infinity', 'spam');
  update site_settings set site_name = 'The Harbour', registration = 'closed', keep_rooms = 30;
  insert into conversations (kind, name, first_seq, last_seq, version, closed_at) values ('room', 'old', 8, 9, 3, now());
  with people as (select (select id from users where username = 'op') as op, (select id from users where username = 'bad') as bad,
      (select id from conversations where name = 'old') as room),
    a as (insert into links (selector, token_hash, maker_id, uses, expires_at) select 's', 'h', op, 5, now() from people),
    b as (insert into one_time_links (selector, token_hash, purpose, user_id, expires_at) select 's', 'h', 'reset', bad, now() from people),
    c as (insert into audit_log (actor_id, action, target_id, details, reason) select op, 'suspended', bad, '{"days": null}', 'spam' from people),
    d as (insert into security_events (user_id, kind) select bad, 'login' from people),
    e as (insert into reports (reporter_id, reported_id, conversation_id, seq, reason, copy)
      select op, bad, room, 1, 'spam', '[{"seq": 1, "body": "buy \\u00e9"}]' from people),
    f as (insert into room_bans (conversation_id, user_id, until) select room, bad, now() from people),
    g as (insert into barred_names (username_key, until) values ('gone', now())),
    h as (insert into data_exports (user_id) select bad from people),
    i as (insert into daily_numbers values (now(), 1, 2, 3, 4))
  insert into jobs (kind, state) values ('erase', '{"after": "x"}')`

test('settings, the log, reports and unfinished jobs are restored, and one-time links are not', async () => {
  await withNewDatabase((one) =>
    withNewDatabase(async (to) => {
      const [source, target] = [one, to].map((url) => postgres(url, { max: 1, onnotice: () => {} }))
      assert.ok(source && target)
      await source.unsafe(rowsOfOwn)
      const { text } = await dumped(one)
      for (const table of tablesOfOwn)
        assert.equal(text.includes(`["${table}"`), !leftOut.includes(table), table)
      await target`insert into one_time_links (selector, token_hash, purpose, expires_at) values ('t', 'h', 'setup', now())`
      await load(to, chunks(text))
      assert.deepEqual(sorted((await dumped(to)).text), sorted(text))
      await assert.rejects(target`delete from audit_log`, /can only be added to/)
      assert.equal((await target`select from one_time_links`).length, 0)
      await Promise.all([source.end(), target.end()])
    }),
  )
})

const tablesOfOwn = [
  'site_settings',
  'links',
  'one_time_links',
  'audit_log',
  'security_events',
  'reports',
  'room_bans',
  'barred_names',
  'data_exports',
  'daily_numbers',
  'jobs',
]

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
