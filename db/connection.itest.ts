import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { newDatabase } from '@/testing/databases'
import { database, connect as openPool } from './connection'

/** The line to the database, which can be cut: as when it is killed, with no farewell. */
let line: Server
const sockets = new Set<Socket>()
const cut = () => {
  for (const socket of sockets) socket.destroy()
}

before(async () => {
  const url = new URL(String(process.env.DATABASE_URL))
  const { port, hostname } = url
  line = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.pipe(other)
      one
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(one)
          other.destroy()
        })
    }
  }).listen(0, '127.0.0.1')
  await once(line, 'listening')
  url.port = String((line.address() as AddressInfo).port)
  process.env.DATABASE_URL = url.href
})

after(async () => {
  await database().$client.end()
  line.close()
})

const one = () => database().execute<{ one: number }>(sql`select 1 as one`)
const transaction = () =>
  database().transaction(async (tx) => {
    await tx.execute(sql`select 1`)
    await tx.execute(sql`select pg_sleep(0.01)`)
    return tx.execute(sql`select 1`)
  })

test('what was underway on a connection that is lost fails, at once, and what comes next is done', async () => {
  for (let round = 0; round < 20; round++) {
    const underway = Array.from({ length: 20 }, (_, index) => (index % 2 ? one() : transaction()))
    const settled = Promise.allSettled(underway)
    // Some are asked, some answered, and some are about to be written.
    for (let turn = 0; turn < round; turn++) await nextTurn()
    cut()
    const began = Date.now()
    await settled
    // What is asked before it is noticed fails as well.
    while (!(await one().catch(() => undefined))) assert.ok(Date.now() - began < 4000, `round ${round}`)
    await Promise.all(Array.from({ length: 20 }, transaction))
    assert.ok(Date.now() - began < 4000, `round ${round}: ${Date.now() - began} ms`)
  }
})

test('a transaction that fails by itself is undone, and its connection kept', async () => {
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

/** A pool of one connection to a database of its own, and how many statements are prepared there. */
async function onlyConnection(setting = '') {
  const url = new URL(await newDatabase())
  if (setting) url.searchParams.set('prepare', setting)
  else url.searchParams.delete('prepare')
  const db = openPool(url.href, 1)
  const answer = async (by: Pick<typeof db, 'execute'> = db, number = 1) =>
    (await by.execute<{ number: number }>(sql`select ${number}::int as number`))[0]?.number
  // Without parameters a query is never prepared.
  const forget = (by: Pick<typeof db, 'execute'> = db) => by.execute(sql`deallocate all`)
  const countPrepared = async () =>
    (
      await db.execute<{ count: number }>(
        sql`select count(*)::int from pg_prepared_statements where not from_sql`,
      )
    )[0]?.count
  return { db, url: url.href, answer, forget, countPrepared, close: () => db.$client.end() }
}

test('statements are prepared unless the address says otherwise', async () => {
  for (const [setting, count] of [
    ['', 1],
    ['true', 1],
    ['false', 0],
  ] as const) {
    const { answer, countPrepared, close } = await onlyConnection(setting)
    const before = (await countPrepared()) ?? 0
    for (let turn = 0; turn < 3; turn++) assert.equal(await answer(), 1)
    assert.equal(await countPrepared(), before + count, `prepare=${setting}`)
    await close()
  }
})

test('a connection that has forgotten its statements is served without', async () => {
  const { url, answer, forget, countPrepared, close } = await onlyConnection()
  await answer()
  const warning = once(process, 'warning')
  await forget()
  assert.equal(await answer(undefined, 2), 2)
  assert.match((await warning)[0].message, /pooler/)
  await forget()
  assert.equal(await answer(undefined, 3), 3)
  assert.equal(await countPrepared(), 0)
  // Another pool on the same address knows as well.
  const next = openPool(url, 1)
  assert.equal((await next.execute<{ number: number }>(sql`select ${4}::int as number`))[0]?.number, 4)
  await Promise.all([close(), next.$client.end()])
})

test('a transaction in which a statement is refused is run again as a whole', async () => {
  const { db, answer, forget, close } = await onlyConnection()
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

test('a commit that the connection has forgotten commits', async () => {
  const { db, forget, close } = await onlyConnection()
  await db.execute(sql`create table notes (number int)`)
  for (let turn = 0; turn < 3; turn++)
    await db.transaction(async (tx) => {
      await tx.execute(sql`insert into notes values (1)`)
      await forget(tx)
    })
  assert.equal(await db.$count(sql`notes`), 3)
  await close()
})

test('an error of a query that was tried again is that of the query', async () => {
  const { db, forget, close } = await onlyConnection()
  const divide = (by: number) => db.execute(sql`select 1 / ${by}::int`)
  await divide(1)
  await forget()
  await assert.rejects(divide(0), (error: Error) => /division by zero/.test(String(error.cause)))
  await close()
})
