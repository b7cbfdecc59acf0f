import assert from 'node:assert/strict'
import { eq, like, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { limits } from '@/db/schema'
import { addressKey } from '@/lib/addresses'
import type { Refusal } from '@/lib/errors'
import { type Actor, type LimitName, spend } from '@/lib/limits'

/** Calls `act` so many times, eight at a time. */
export async function repeat<T>(count: number, act: (turn: number) => Promise<T>) {
  const results: T[] = []
  let turn = 0
  const worker = async () => {
    while (turn < count) results.push(await act(turn++))
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return results
}

/** Spends from a limit so many times. @returns how many of them were allowed */
export async function countAllowed(name: LimitName, times: number, by: Actor) {
  const isAllowed = () => spend(name, by).then(() => true, assertLimit)
  return (await repeat(times, isAllowed)).filter(Boolean).length
}

function assertLimit(error: Refusal) {
  assert.equal(error.status, 429, error.stack)
  return false
}

/** Uses up an allowance, and what will come back of it in the next seconds. */
export async function exhaust(name: LimitName, by: Actor, seconds = 3) {
  for (let round = 0; (await countAllowed(name, 80, by)) === 80; round++)
    assert.ok(round < 20, 'the limit is met')
  const key = by.id ?? addressKey(by.address)
  await database()
    .update(limits)
    .set({ fullAt: sql`${limits.fullAt} + make_interval(secs => ${seconds})` })
    .where(like(limits.key, `${name} % ${key}`))
}

/** When a person's allowance will be full again. Spending moves this time on. */
export async function fullAt(name: LimitName, { id }: { id: string }) {
  const [row] = await database()
    .select()
    .from(limits)
    .where(eq(limits.key, `${name} person ${id}`))
  return row?.fullAt
}
