import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { eventually } from '@/lib/testing/eventually'
import { streamSignal } from './stream-response'

test('neither the timeout nor a leaving reader is forgotten when memory is tidied up', async () => {
  setFlagsFromString('--expose-gc')
  const tidyUp: () => void = runInNewContext('gc')
  const reader = new AbortController()
  const request = () => new Request('http://parley.example', { signal: reader.signal })
  const left = streamSignal(request(), 60)
  const ended = streamSignal(new Request('http://parley.example'), 1)
  for (let round = 0; round < 3; round++) {
    // A turn of the event loop, in which nothing holds what only the call held.
    await sleep(10)
    tidyUp()
  }
  reader.abort()
  await eventually(() => left.aborted && ended.aborted)
})
