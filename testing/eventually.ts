import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'

/** Calls `check` until it returns something truthy, and returns that. @throws after `timeoutMs` */
export async function eventually<T>(check: () => Promise<T> | T, timeoutMs = 5000, everyMs = 50) {
  for (const end = Date.now() + timeoutMs; ; await sleep(everyMs)) {
    const found = await check()
    if (found) return found
    assert.ok(Date.now() < end, `not within ${timeoutMs} ms: ${check}`)
  }
}
