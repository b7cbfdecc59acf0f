import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { database } from './connection'

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
    while (!(await one().catch(() => undefined))) assert.ok(Date.now() - began < 2000, `round ${round}`)
    await Promise.all(Array.from({ length: 20 }, transaction))
    assert.ok(Date.now() - began < 2000, `round ${round}: ${Date.now() - began} ms`)
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
