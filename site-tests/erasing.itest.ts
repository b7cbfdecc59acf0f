import assert from 'node:assert/strict'
import { test } from 'node:test'
import postgres from 'postgres'
import { newDatabase } from '@/testing/databases'
import { eventually } from '@/testing/eventually'
import { request } from '@/testing/http'
import { startOtherSite } from '@/testing/other-site'

const count = 3000

test('erasing continues after its process was killed, and deletes each message once', async (t) => {
  const url = await newDatabase()
  const site = await startOtherSite({ DATABASE_URL: url })
  const sql = postgres(url, { onnotice: () => {} })
  t.after(() => Promise.all([site.stop(), sql.end()]))
  const ask = (path: string, token: string | undefined, body: unknown, method = 'POST') =>
    request(path, { site: site.url, token, body, method })
  const { user, token } = (await ask('/api/session', undefined, {})).body
  const { conversationId: id } = (await ask('/api/room/tea', token, { body: 'first' })).body
  await sql`insert into messages (conversation_id, seq, sender_id, body, nonce)
    select ${id}, number, ${user.id}, 'one of many', gen_random_uuid() from generate_series(2, ${count}::int) as number`
  await sql`update conversations set last_seq = ${count} where id = ${id}`
  const countLeft = async () => {
    const [row] = await sql`select count(*)::int as left from messages where body <> ''`
    return Number(row?.left)
  }

  assert.equal((await ask('/api/me', token, { messages: 'erase' }, 'DELETE')).status, 204)
  await eventually(async () => (await countLeft()) < count, 30_000)
  site.services.site?.kill('SIGKILL')
  await eventually(async () => !site.services.site?.isUp, 10_000)
  assert.ok((await countLeft()) > 0, 'it was killed in the middle')

  await eventually(async () => (await countLeft()) === 0, 120_000)
  const [{ version, changes } = { version: 0, changes: 0 }] = await sql`
    select version::int, (select count(*)::int from message_changes where deleted_at is not null) as changes
    from conversations where id = ${id}`
  assert.deepEqual([version, changes], [count, count])
})
