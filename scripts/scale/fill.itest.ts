import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { migrateDatabase } from '@/db/migrate'
import { logIn } from '@/lib/accounts'
import { listConversations } from '@/lib/conversations'
import { listMessages } from '@/lib/history'
import { findByToken } from '@/lib/login-sessions'
import { sendMessage } from '@/lib/messages'
import { searchPeople } from '@/lib/people'
import { newDatabase } from '@/testing/databases'
import { testOrigin } from '@/testing/people'
import { fill, password, tokenOf } from './fill'

const size = { people: 2500, conversations: 500, messages: 25_000 }
let url: string
let schemaBefore: object

before(async () => {
  url = await newDatabase()
  await migrateDatabase(url)
  process.env.DATABASE_URL = url
  schemaBefore = await schema()
  await fill(url, size)
})

const rows = <Row extends Record<string, unknown>>(query: string) => database().execute<Row>(sql.raw(query))

const schema = async () => [
  ...(await rows(`select indexdef from pg_indexes where schemaname = 'public' order by 1`)),
  ...(await rows(`select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated from pg_constraint
    where connamespace = 'public'::regnamespace order by 1, 2`)),
]

test('the database has the wanted size, and the indexes and constraints of the migrations', async () => {
  for (const [table, count] of Object.entries(size))
    assert.equal((await rows(`select from ${table === 'people' ? 'users' : table}`)).length, count, table)
  assert.deepEqual(await schema(), schemaBefore)
})

test('the sequence numbers and cursors of each conversation fit its messages', async () => {
  const wrong = await rows(`
    select from conversations left join (
      select conversation_id, count(*) as size, max(seq) as newest, max(created_at) as at from messages group by 1
    ) as found on conversation_id = id
    where (last_seq, last_seq, last_activity_at) is distinct from (size, newest, at)`)
  assert.equal(wrong.length, 0)
  const stale = await rows(`
    select from conversations join memberships on id = conversation_id
    where kind = 'direct' and (active_at, newest_seq) is distinct from (last_activity_at, last_seq)`)
  assert.equal(stale.length, 0)
})

test('people of a filled database can log in, read, send and search', async () => {
  const hub = await findByToken(tokenOf(1))
  assert.ok(hub)
  await logIn({ username: hub.username, password }, testOrigin)
  const { conversations } = await listConversations(hub)
  assert.equal(conversations.length, 50)
  const [{ id, lastSeq } = { id: '', lastSeq: 0 }] = conversations
  const { message } = await sendMessage(hub, id, { body: 'hello' })
  assert.equal(message.seq, lastSeq + 1)
  assert.equal((await listMessages(hub, id, { before: 3 })).messages.length, 2)
  assert.ok((await searchPeople(hub, { q: 'mar' })).users.length > 0)
})

test('a database with people is not filled', () => assert.rejects(fill(url, size), /already contains people/))
