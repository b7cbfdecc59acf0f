import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mock, test } from 'node:test'
import { eq, like, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { knownAddresses, limits } from '@/db/schema'
import { countAllowed, exhaust, fullAt } from '@/testing/limits'
import { friends, person } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { isKnownAddress, rememberAddress } from './addresses'
import { forgetLimits, giveBack, spend } from './limits'
import { logLines } from './log-lines'
import { sendMessage } from './messages'

process.env.PARLEY_LIMITS = 'on'

test('counting does not wait for the disk', async () => {
  const [table] = await database().execute<{ kind: string }>(
    sql`select relpersistence as kind from pg_class where oid = 'limits'::regclass`,
  )
  assert.equal(table?.kind, 'u', 'the table is unlogged')
})

test('rows of allowances that are full again are deleted, and no others', async () => {
  const [ada, bob] = await Promise.all([person(), person('bob')])
  for (const { id } of [ada, bob]) await spend('createRoom', { id, address: null })
  await giveBack('createRoom', { id: ada.id, address: null }, ['person'])
  await forgetLimits()
  const rowsOf = ({ id }: { id: string }) => database().$count(limits, like(limits.key, `% ${id}`))
  assert.deepEqual([await rowsOf(ada), await rowsOf(bob)], [0, 1])
})

test('a known address is deleted after 90 days without a login from it', async () => {
  const ada = await person()
  const [old, recent] = ['203.0.113.1', '203.0.113.2']
  for (const address of [old, recent]) await rememberAddress(ada.id, address)
  const setBack = (address: string, days: number) =>
    database()
      .update(knownAddresses)
      .set({ lastSeenAt: sql`now() - make_interval(days => ${days})` })
      .where(eq(knownAddresses.address, address))
  await Promise.all([setBack(old, 91), setBack(recent, 89)])
  await forgetLimits()
  assert.deepEqual([await isKnownAddress(ada.id, old), await isKnownAddress(ada.id, recent)], [false, true])
  await rememberAddress(ada.id, null)
})

test('a /48 of IPv6 has ten times the allowance of one of its /64s', async () => {
  const prefix = `2001:db8:${randomInt(65536).toString(16)}`
  const addresses = Array.from({ length: 15 }, (_, index) => ({ address: `${prefix}:${index}::1` }))
  const taken = await Promise.all(addresses.map((by) => countAllowed('register', 25, by)))
  const sum = taken.reduce((one, other) => one + other, 0)
  assert.ok(sum >= 200 && sum <= 210, `${sum} registrations`)
  assert.ok(Math.max(...taken) <= 21, 'no more than 20 and what comes back for each of them')
  const other = await countAllowed('register', 1, { address: '2001:db9::1' })
  assert.equal(other, 1)
})

test('requests without a readable address share one allowance', async () => {
  await exhaust('register', { address: null })
  for (const address of [null, '', 'unknown', '1.2.3.4.5'])
    assert.equal(await countAllowed('register', 1, { address }), 0, String(address))
  assert.equal(await countAllowed('register', 1, { address: '203.0.113.99' }), 1)
  await database().delete(limits).where(eq(limits.key, 'register address unknown'))
})

test('a reached limit is logged once a minute for each person', async () => {
  const { mock: written } = mock.method(logLines, 'add', () => {})
  Object.assign(process.env, { NODE_ENV: 'production' })
  const [ada, bob] = await Promise.all([person(), person('bob')])
  for (const { id } of [ada, bob]) await exhaust('createRoom', { id, address: '203.0.113.50' })
  Reflect.deleteProperty(process.env, 'NODE_ENV')
  const lines = written.calls.map((call) => JSON.parse(String(call.arguments[0])))
  written.restore()
  const reached = lines.filter(({ event }) => event === 'security.limit-reached')
  assert.deepEqual(
    reached.map(({ limit, scope, user, address }) => [limit, scope, user, address]),
    [ada, bob].map(({ id }) => ['createRoom', 'person', id, '203.0.113.50']),
  )
})

const draft = (nonce?: string) => ({ body: 'hello', nonce })

test('a send counts against its limit, also with a known nonce, but bad input does not', async () => {
  const { ada, bob, id } = await friends()
  // A full allowance counts from the current time.
  for (let turn = 0; turn < 5; turn++) await sendMessage(ada, id, draft())
  const takes = async (count: number, act: () => Promise<unknown>) => {
    const before = await fullAt('send', ada)
    await act()
    const taken = Number(await fullAt('send', ada)) - Number(before)
    assert.ok(Math.abs(taken - count * 1000) < 100, `${taken} ms`)
  }
  const eve = await person('eve')
  await takes(1, () => sendMessage(ada, id, draft('n')))
  await takes(1, () => sendMessage(ada, id, draft('n')))
  await takes(0, () => assert.rejects(sendMessage(ada, id, { body: '' }), refusedWith(422)))
  await takes(0, () => assert.rejects(sendMessage(eve, id, draft()), refusedWith(404)))
  assert.ok(await fullAt('send', eve), 'trying other people’s conversations counts')
  await exhaust('send', { id: ada.id, address: null })
  for (const nonce of ['n', 'other'])
    await assert.rejects(sendMessage(ada, id, draft(nonce)), refusedWith(429))
  assert.equal((await sendMessage(bob, id, draft())).message.seq, 7)
})
