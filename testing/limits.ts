import assert from 'node:assert/strict'
import { eq, like, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { limits } from '@/db/schema'
import { addressKey } from '@/lib/addresses'
import { Refusal } from '@/lib/errors'
import { type Actor, type LimitName, spend } from '@/lib/limits'

/** Does it so many times, eight at a time. */
export async function often<T>(count: number, act: (turn: number) => Promise<T>) {
  const results: T[] = []
  let turn = 0
  const worker = async () => {
    while (turn < count) results.push(await act(turn++))
  }
  await Promise.all(Array.from({ length: 8 }, worker))
  return results
}

/** @returns how many of so many tries found something to take */
export async function takeOften(name: LimitName, times: number, by: Actor) {
  const taken = await often(times, () => spend(name, by).then(() => true, isLimit))
  return taken.filter(Boolean).length
}

function isLimit(error: unknown) {
  if (error instanceof Refusal && error.status === 429) return false
  throw error
}

/** Takes all that there is of an allowance, and what will come back in the next seconds. */
export async function exhaust(name: LimitName, by: Actor, seconds = 3) {
  for (let round = 0; (await takeOften(name, 80, by)) === 80; round++)
    assert.ok(round < 20, 'there is a limit')
  const key = by.id ?? addressKey(by.address)
  await database()
    .update(limits)
    .set({ fullAt: sql`${limits.fullAt} + make_interval(secs => ${seconds})` })
    .where(like(limits.key, `${name} % ${key}`))
}

/** When a person's allowance will be full again; taking from it moves that on. */
export async function fullAt(name: LimitName, { id }: { id: string }) {
  const [row] = await database()
    .select()
    .from(limits)
    .where(eq(limits.key, `${name} person ${id}`))
  return row?.fullAt
}
