import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { after, before, beforeEach, mock, test } from 'node:test'
import { eventually } from '@/testing/eventually'
import { conversationChannel } from './channels'
import { event, publish, published } from './publish'
import type { Entry } from './soketi'

/** A fake Soketi that records the requests, and lets `answer` respond. */
const calls: Entry[][] = []
let answer: (response: ServerResponse) => void
const server = createServer(async (request: IncomingMessage, response) => {
  const { batch } = (await json(request)) as { batch: Entry[] }
  calls.push(batch)
  answer(response)
}).listen(0, '127.0.0.1')

const ok = (response: ServerResponse) => response.end('{"ok":true}')

before(async () => {
  await once(server, 'listening')
  process.env.SOKETI_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  mock.method(console, 'error', () => {})
})
beforeEach(() => {
  calls.length = 0
  answer = ok
})
after(() => {
  server.close()
  server.closeAllConnections()
})

const conversationId = randomUUID()
/** An event with a number. */
const touched = (lastReadSeq: number, channels: string | string[] = conversationChannel(conversationId)) =>
  event(channels, 'conversation.touched', { conversationId, lastReadSeq })
const numbers = () => calls.map((batch) => batch.map(({ data }) => JSON.parse(data).lastReadSeq))
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('events published during a call are sent with the next calls, ten at a time and in order', async () => {
  publish(touched(0))
  await once(server, 'request')
  for (const number of span(1, 12)) publish(touched(number))
  await published()
  assert.deepEqual(numbers(), [[0], span(1, 10), [11, 12]])
})

test('an event on more than a hundred channels is sent in parts', async () => {
  const channels = span(1, 205).map((number) => `private-user-${number}`)
  publish(touched(1, channels))
  await published()
  assert.deepEqual(
    calls.flat().map((entry) => entry.channels.length),
    [100, 100, 5],
  )
  assert.deepEqual(
    calls.flat().flatMap((entry) => entry.channels),
    channels,
  )
})

test('an event that Soketi refuses does not affect others', async () => {
  answer = (response) => {
    answer = ok
    response.writeHead(413).end('{}')
  }
  publish(touched(0))
  await once(server, 'request')
  publish(touched(1))
  await published()
  assert.deepEqual(numbers(), [[0], [1]])
})

test('while Soketi hangs, events wait in bounded memory, and requests do not wait', async () => {
  answer = () => {}
  publish(touched(0))
  await once(server, 'request')
  for (const number of span(1, 20_000)) publish(touched(number))
  const began = Date.now()
  await published()
  assert.ok(Date.now() - began < 4000, `${Date.now() - began} ms`)
  answer = ok
  await eventually(() => numbers().flat().at(-1) === 5000, 30_000)
  const [first, repeated, ...rest] = numbers().flat()
  assert.deepEqual([first, repeated], [0, 0])
  // On a slow machine more than one call may time out.
  assert.deepEqual(
    rest.filter((number) => number),
    span(1, 5000),
  )
})

test('events are dropped once they are so old that clients have polled meanwhile', async () => {
  answer = () => {}
  publish(touched(0))
  await once(server, 'request')
  publish(touched(1))
  const { now } = Date
  const later = mock.method(Date, 'now', () => now() + 60_000)
  answer = ok
  publish(...span(2, 11).map((number) => touched(number)))
  await eventually(() => numbers().length === 2, 10_000)
  later.mock.restore()
  // The second call contains event 1, and is as old.
  assert.deepEqual(numbers(), [[0], [11]])
})

test('an event that Soketi would refuse does not take others with it', async () => {
  const large = event('private-user-1', 'conversation.touched', { conversationId: 'x'.repeat(100 * 1024) })
  publish(touched(0), large, touched(1))
  await published()
  assert.deepEqual(numbers().flat(), [0, 1])
})

test('no event is lost if Soketi has closed the connection meanwhile', async () => {
  publish(touched(0))
  await published()
  answer = (response) => {
    answer = ok
    response.socket?.destroy()
  }
  publish(touched(1))
  await published()
  assert.deepEqual(numbers(), [[0], [1], [1]])
})
