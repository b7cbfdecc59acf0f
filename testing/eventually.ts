import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Asks again and again until the answer is truthy, which it must be in time. */
export async function eventually<T>(check: () => Promise<T> | T, patienceMs = 5000, everyMs = 50) {
  for (const end = Date.now() + patienceMs; ; await sleep(everyMs)) {
    const found = await check()
    if (found) return found
    assert.ok(Date.now() < end, `not within ${patienceMs} ms: ${check}`)
  }
}
