import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Refusal } from './errors'
import { Gate } from './gate'

const options = { of: 'searches', atOnce: 2, waiting: 3, patienceMs: 100 }
const isRefusal = (error: unknown) =>
  error instanceof Refusal && error.status === 429 && error.retryAfter === 1

test('so many run at once, and the others wait in order', async () => {
  const gate = new Gate({ ...options, waiting: 20, patienceMs: 5000 })
  const began: number[] = []
  let running = 0
  let most = 0
  const work = (turn: number) => async () => {
    began.push(turn)
    most = Math.max(most, ++running)
    await sleep(5)
    running--
    if (turn % 3 === 0) throw new Error('no')
    return turn
  }
  const turns = Array.from({ length: 20 }, (_, turn) => turn)
  const ended = await Promise.allSettled(turns.map((turn) => gate.run(work(turn))))
  assert.deepEqual(began, turns)
  assert.equal(most, 2)
  for (const [turn, one] of ended.entries()) assert.equal(one.status, turn % 3 ? 'fulfilled' : 'rejected')
  assert.equal(await gate.run(async () => 'free again'), 'free again')
})

test('a call is refused with a retry time if the queue is full or stuck', async () => {
  const gate = new Gate(options)
  const held = [1, 2].map(() => gate.run(() => sleep(300)))
  const waiting = [1, 2, 3].map(() =>
    assert.rejects(
      gate.run(async () => {}),
      isRefusal,
    ),
  )
  const began = Date.now()
  await assert.rejects(
    gate.run(async () => {}),
    isRefusal,
  )
  assert.ok(Date.now() - began < 50, 'at once')
  await Promise.all([...waiting, ...held])
  assert.equal(await gate.run(async () => 'free again'), 'free again')
})
