import assert from 'node:assert/strict'
import { after, before, mock, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { newDatabase } from '@/testing/databases'
import { TcpProxy } from '@/testing/tcp-proxy'
import { database, connect as openPool } from './connection'

const proxy = new TcpProxy(String(process.env.DATABASE_URL))

before(async () => {
  process.env.DATABASE_URL = (await proxy.listen()).url
})

after(() => database().$client.end())

const selectOne = () => database().execute<{ one: number }>(sql`select 1 as one`)
const transaction = () =>
  database().transaction(async (tx) => {
    await tx.execute(sql`select 1`)
    await tx.execute(sql`select pg_sleep(0.01)`)
    return tx.execute(sql`select 1`)
  })

test('queries on a lost connection fail at once, and later ones succeed', async () => {
  for (let round = 0; round < 20; round++) {
    const queries = Array.from({ length: 20 }, (_, index) => (index % 2 ? selectOne() : transaction()))
    const settled = Promise.allSettled(queries)
    // After a different number of turns each round: some queries are sent, some answered, some about to be written.
    for (let turn = 0; turn < round; turn++) await nextTurn()
    proxy.cut()
    const began = Date.now()
    await settled
    // Queries fail until the pool has noticed the loss.
    while (!(await selectOne().catch(() => undefined))) assert.ok(Date.now() - began < 4000, `round ${round}`)
    await Promise.all(Array.from({ length: 20 }, transaction))
    assert.ok(Date.now() - began < 4000, `round ${round}: ${Date.now() - began} ms`)
  }
})

test('queries on a connection that hangs fail after a while, and later ones succeed', async () => {
  await selectOne()
  proxy.suspend()
  const began = Date.now()
  await Promise.all([assert.rejects(selectOne()), assert.rejects(transaction())])
  assert.ok(Date.now() - began < 15_000, `${Date.now() - began} ms`)
  assert.ok(await selectOne())
})

test('a transaction that fails by itself is rolled back, and its connection is kept', async () => {
  const pid = async (tx: Pick<ReturnType<typeof database>, 'execute'>) =>
    (await tx.execute<{ pid: number }>(sql`select pg_backend_pid() as pid`))[0]?.pid
  const pids = new Set<number | undefined>()
  for (let round = 0; round < 30; round++) {
    const failing = database().transaction(async (tx) => {
      pids.add(await pid(tx))
      await tx.execute(round % 2 ? sql`select 1 / 0` : sql`select 1`)
      throw new Error('no')
    })
    await assert.rejects(failing, round % 2 ? /Failed query/ : /no/)
  }
  assert.ok(pids.size <= 10, `${pids.size} connections`)
})

/** A pool of one connection to a new database, and helpers for its prepared statements. */
async function singleConnection(setting = '') {
  const url = new URL(await newDatabase())
  if (setting) url.searchParams.set('prepare', setting)
  else url.searchParams.delete('prepare')
  const db = openPool(url.href, 1)
  const answer = async (by: Pick<typeof db, 'execute'> = db, number = 1) =>
    (await by.execute<{ number: number }>(sql`select ${number}::int as number`))[0]?.number
  // Not prepared itself, because it has no parameters.
  const forget = (by: Pick<typeof db, 'execute'> = db) => by.execute(sql`deallocate all`)
  const countPrepared = async () =>
    (
      await db.execute<{ count: number }>(
        sql`select count(*)::int from pg_prepared_statements where not from_sql`,
      )
    )[0]?.count
  return { db, url: url.href, answer, forget, countPrepared, close: () => db.$client.end() }
}

test('statements are prepared unless the URL turns it off', async () => {
  for (const [setting, count] of [
    ['', 1],
    ['true', 1],
    ['false', 0],
  ] as const) {
    const { answer, countPrepared, close } = await singleConnection(setting)
    const before = (await countPrepared()) ?? 0
    for (let turn = 0; turn < 3; turn++) assert.equal(await answer(), 1)
    assert.equal(await countPrepared(), before + count, `prepare=${setting}`)
    await close()
  }
})

test('after a connection has lost its prepared statements, queries work without', async () => {
  const { url, answer, forget, countPrepared, close } = await singleConnection()
  await answer()
  const { mock: warning } = mock.method(console, 'warn', () => {})
  await forget()
  assert.equal(await answer(undefined, 2), 2)
  assert.equal(warning.callCount(), 1)
  assert.match(JSON.parse(warning.calls[0]?.arguments[0]).message, /pooler/)
  await forget()
  assert.equal(await answer(undefined, 3), 3)
  assert.equal(await countPrepared(), 0)
  // Another pool with the same URL prepares none either.
  const next = openPool(url, 1)
  assert.equal((await next.execute<{ number: number }>(sql`select ${4}::int as number`))[0]?.number, 4)
  await Promise.all([close(), next.$client.end()])
})

test('a transaction with a refused statement is repeated as a whole', async () => {
  const { db, answer, forget, close } = await singleConnection()
  await db.execute(sql`create table notes (number int)`)
  const insert = (by: Pick<typeof db, 'execute'>, number: number) =>
    by.execute(sql`insert into notes values (${number})`)
  await insert(db, 1)
  let runs = 0
  await db.transaction(async (tx) => {
    await tx.execute(sql`select 1`)
    if (++runs === 1) await forget(tx)
    await insert(tx, 2)
    return answer(tx)
  })
  assert.equal(runs, 2)
  assert.equal(await db.$count(sql`notes`), 2)
  await close()
})

test('a commit succeeds on a connection that has lost its prepared statements', async () => {
  const { db, forget, close } = await singleConnection()
  await db.execute(sql`create table notes (number int)`)
  for (let turn = 0; turn < 3; turn++)
    await db.transaction(async (tx) => {
      await tx.execute(sql`insert into notes values (1)`)
      await forget(tx)
    })
  assert.equal(await db.$count(sql`notes`), 3)
  await close()
})

test('a repeated query fails with its own error', async () => {
  const { db, forget, close } = await singleConnection()
  const divide = (by: number) => db.execute(sql`select 1 / ${by}::int`)
  await divide(1)
  await forget()
  await assert.rejects(divide(0), (error: Error) => /division by zero/.test(String(error.cause)))
  await close()
})
