import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { answer, ask } from './ipc'

// This file is also the other process.
if (process.send) answer(process, { double: () => 21 * 2, never: () => new Promise(() => {}) })
else
  test('a process answers the questions it knows, and its end leaves the other one unharmed', async () => {
    const child = fork(fileURLToPath(import.meta.url))
    assert.equal(await ask(child, 'double', 20_000), 42)
    assert.deepEqual(await Promise.all([ask(child, 'double', 5000), ask(child, 'double', 5000)]), [42, 42])
    for (const question of ['never', 'unknown'])
      await assert.rejects(ask(child, question, 100), { name: 'AbortError' })
    child.kill('SIGKILL')
    await once(child, 'exit')
    const late = assert.rejects(ask(child, 'double', 100), { name: 'AbortError' })
    // The time limit alone does not keep this process running.
    await Promise.all([late, sleep(200)])
    assert.equal(child.listenerCount('message'), 0)
  })
