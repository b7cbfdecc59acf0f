import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { StreamItem } from '@/lib/stream-reader'
import { eventually } from '@/testing/eventually'
import { messageView } from '@/testing/views'
import { formatFor, streamLife, streamResponse } from './stream-response'

test('garbage collection disables neither the timeout nor the detection of a disconnected reader', async () => {
  setFlagsFromString('--expose-gc')
  const tidyUp: () => void = runInNewContext('gc')
  const reader = new AbortController()
  const request = () => new Request('http://parley.example', { signal: reader.signal })
  const left = streamLife(request(), 60)
  const ended = streamLife(new Request('http://parley.example'), 1)
  for (let round = 0; round < 3; round++) {
    // Wait one turn of the event loop, so that only the stream's own references remain.
    await sleep(10)
    tidyUp()
  }
  reader.abort()
  await eventually(() => left.signal.aborted && ended.signal.aborted)
})

test('a reader that disconnects during a write ends the stream without an error', async () => {
  for (let round = 0; round < 20; round++) {
    let isEnded = false
    let arrive = () => {}
    async function* items(): AsyncGenerator<StreamItem> {
      try {
        yield { kind: 'quiet' }
        await new Promise<void>((resolve) => {
          arrive = resolve
        })
        yield { kind: 'quiet' }
        yield { kind: 'quiet' }
      } finally {
        isEnded = true
      }
    }
    const { body } = streamResponse(items(), formatFor('text/event-stream'), new AbortController())
    const reader = body?.getReader()
    assert.equal(new TextDecoder().decode((await reader?.read())?.value), ':\n\n')
    const [next] = [reader?.read(), reader?.cancel()]
    arrive()
    assert.equal((await next)?.done, true)
    await eventually(() => isEnded)
  }
})

test('text prints usernames, since names are not unique', () => {
  const mallory = { id: '1', username: 'mallory', name: 'Bob' }
  const message = messageView(1, { createdAt: '2026-01-31T09:05:00.000Z', sender: mallory, body: 'one\ntwo' })
  const { write } = formatFor('text/plain')
  assert.equal(write({ kind: 'joined', person: mallory }), '* mallory joined\n')
  assert.equal(
    write({ kind: 'message', message, at: { seq: 1, version: 0 } }),
    '09:05 mallory: one\n    two\n',
  )
})
