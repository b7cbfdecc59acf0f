import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { after, beforeEach, test } from 'node:test'
import { conversationChannel, TestSoketi } from '@/scripts/services/test-soketi'
import { eventually } from '@/testing/eventually'

type Report = { name: string; channel?: string }

const soketi = new TestSoketi()
const received: Report[] = []
let isBroken = false
let waiting = 0
let mostWaiting = 0

// Stands for the site, to whose port Soketi sends its webhooks.
const site = createServer(async (request, response) => {
  mostWaiting = Math.max(mostWaiting, ++waiting)
  const { events } = (await json(request)) as { events: Report[] }
  if (!isBroken) received.push(...events)
  waiting--
  response.writeHead(isBroken ? 503 : 204).end()
})
beforeEach(() => site.listening || site.listen(Number(soketi.setting('PORT')), '127.0.0.1'))
after(() => site.close())

const ownChannel = () => `private-user-${randomUUID()}`
const reportsOf = (channel: string) =>
  received.filter((one) => one.channel === channel).map(({ name }) => name)

test('the first and the last subscriber of a channel are reported, and nothing between', async () => {
  const channel = ownChannel()
  const [one, other] = [await soketi.open(), await soketi.open()]
  await soketi.subscribe(one, channel)
  await eventually(() => reportsOf(channel).length)
  await soketi.subscribe(other, channel)
  one.destroy()
  const marker = ownChannel()
  await soketi.subscribe(other, marker)
  await eventually(() => reportsOf(marker).length)
  other.destroy()
  await eventually(() => reportsOf(channel).length > 1)
  assert.deepEqual(reportsOf(channel), ['channel_occupied', 'channel_vacated'])
})

test('a channel that is left and entered again at once is reported as occupied', async () => {
  const channel = ownChannel()
  const [one, other] = [await soketi.open(), await soketi.open()]
  await soketi.subscribe(one, channel)
  await eventually(() => reportsOf(channel).length)
  one.destroy()
  await soketi.subscribe(other, channel)
  await eventually(() => reportsOf(channel).length > 1)
  assert.equal(reportsOf(channel).at(-1), 'channel_occupied')
})

test('channels that say nothing about presence are not reported', async () => {
  const [socket, silent, marker] = [await soketi.open(), conversationChannel(), ownChannel()]
  await soketi.subscribe(socket, silent)
  await soketi.subscribe(socket, marker)
  await eventually(() => reportsOf(marker).length)
  assert.deepEqual(reportsOf(silent), [])
})

test('a socket cannot cause a channel that it is not in to be reported empty', async () => {
  const [ada, eve, foreign, own] = [await soketi.open(), await soketi.open(), ownChannel(), ownChannel()]
  eve.send({ event: 'pusher:unsubscribe', data: { channel: foreign } })
  await soketi.subscribe(ada, own)
  ada.send({ event: 'pusher:unsubscribe', data: { channel: own } })
  await eventually(() => reportsOf(own).includes('channel_vacated'))
  assert.deepEqual(reportsOf(foreign), [])
})

test('many changes go to the site in few calls, one at a time', async () => {
  mostWaiting = 0
  const socket = await soketi.open()
  await soketi.signIn(socket, `site-${randomUUID()}`)
  const channels = Array.from({ length: 1500 }, () => ownChannel())
  await Promise.all(channels.map((channel) => soketi.subscribe(socket, channel)))
  await eventually(() => channels.every((channel) => reportsOf(channel).length === 1))
  assert.equal(mostWaiting, 1)
})

const resyncs = () => received.filter(({ name }) => name === 'resync').length

test('when clients have had time to reconnect to a new Soketi, the site is asked to read all channels', async () => {
  await eventually(() => resyncs() === 1, 12_000)
})

test('after reports were lost, the site is asked to read all channels', async () => {
  assert.equal(resyncs(), 1)
  isBroken = true
  mostWaiting = 0
  const lost = ownChannel()
  const socket = await soketi.open()
  await soketi.subscribe(socket, lost)
  await eventually(() => mostWaiting > 0)
  isBroken = false
  await eventually(() => resyncs() === 2)
  const later = ownChannel()
  await soketi.subscribe(socket, later)
  await eventually(() => reportsOf(later).length)
  assert.deepEqual(reportsOf(lost), [])
})

test('a socket that is silent receives a heartbeat, without asking for it', async () => {
  const socket = await soketi.open()
  await eventually(() => socket.frames.some(({ event }) => event === 'pusher:pong'), 11_000)
})
