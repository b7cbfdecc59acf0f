// The clients: a process of its own, so that what they cost is not measured with the servers.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { report } from './child'
import type { Pair, Room } from './seed'
import { type Arrived, openPusher, openSocketIo } from './sockets'
import { openSender, type Send, type Way } from './ways'

const body = 'The quick brown fox jumps over the lazy dog, and asks whether it was noticed in time.'
const maxInFlight = 100
/** What has not arrived so long after the last send counts as not delivered. */
const graceMs = 2000

const waiting = new Map<string, (at: number) => void>()
const senders = new Map<string, Promise<Send>>()
const receivers = new Map<string, Promise<unknown>>()

/** Opens what a way needs to send in these conversations and to receive, once. */
async function open({ way, pairs }: { way: Way; pairs: Pair[] }) {
  for (const pair of pairs) {
    await receiversOf(way, pair)
    await senderOf(way, pair)
  }
}

function senderOf(way: Way, pair: Pair) {
  const key = `${way.name} ${pair.conversationId}`
  const sender = senders.get(key) ?? openSender(way, pair)
  senders.set(key, sender)
  return sender
}

/** Both people's sockets: the sender's also gets each message, but only the other's is waited for. */
function receiversOf(way: Way, { conversationId, sender, receiver }: Pair) {
  const key = `${way.realtime?.url ?? way.url} ${conversationId}`
  const open = (person: typeof sender, arrived: Arrived) =>
    openSocket(way, person, conversationId, [`private-conversation-${conversationId}`], arrived)
  const opened = receivers.get(key) ?? Promise.all([open(sender, () => {}), open(receiver, settle)])
  receivers.set(key, opened)
  return opened
}

function openSocket(
  { realtime, url }: Way,
  person: Pair['sender'],
  id: string,
  channels: string[],
  arrived: Arrived,
) {
  return realtime ? openPusher(realtime, person, channels, arrived) : openSocketIo(url, id, arrived)
}

function settle(nonce: string) {
  waiting.get(nonce)?.(performance.now())
  waiting.delete(nonce)
}

/**
 * One message by each way in turn, so that a busy moment of the machine hits all alike.
 * @returns for each way, milliseconds from before the send until it was received
 */
async function latency({ ways, rounds }: { ways: { way: Way; pair: Pair }[]; rounds: number }) {
  const times: Record<string, number[]> = {}
  const sends = await Promise.all(
    ways.map(async ({ way, pair }) => [way.name, await senderOf(way, pair)] as const),
  )
  for (let round = -20; round < rounds; round++)
    for (const [name, send] of sends) {
      const nonce = randomUUID()
      const began = performance.now()
      const [at] = await Promise.all([arrival(nonce), send(body, nonce)])
      if (round >= 0) times[name] = [...(times[name] ?? []), at - began]
      // What a server does after its answer must not delay the next one.
      await sleep(3)
    }
  return times
}

function arrival(nonce: string) {
  return new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('A message did not arrive within 10 s.')), 10_000)
    waiting.set(nonce, (at) => {
      clearTimeout(late)
      resolve(at)
    })
  })
}

export interface Load {
  way: Way
  pairs: Pair[]
  /** Messages a second, over all conversations. */
  rate: number
  seconds: number
}

/**
 * Sends at the planned times, whatever the server does; a message that must wait for its turn is late by that.
 * @returns milliseconds from the planned time until received, of each that was delivered
 */
async function load({ way, pairs, rate, seconds }: Load) {
  const sends = await Promise.all(pairs.map((pair) => senderOf(way, pair)))
  const planned = rate * seconds
  const times: number[] = []
  const failures: string[] = []
  let stored = 0
  const inFlight = new Set<Promise<unknown>>()
  const began = performance.now() + 20
  const plannedAt = (index: number) => began + (index * 1000) / rate
  const end = plannedAt(planned) + graceMs
  let next = 0
  let lateMs = 0
  const send = (index: number) => {
    const nonce = randomUUID()
    waiting.set(nonce, (at) => {
      times.push(at - plannedAt(index))
      lateMs = at - plannedAt(planned - 1)
    })
    const sending = sends[index % sends.length]?.(body, nonce).then(
      () => stored++,
      (error) => failures.push(error.message),
    )
    if (!sending) return
    inFlight.add(sending)
    sending.finally(() => inFlight.delete(sending))
  }
  for (let now = began; now < end && times.length + failures.length < planned; now = performance.now()) {
    while (next < planned && plannedAt(next) <= now && inFlight.size < maxInFlight) send(next++)
    await sleep(1)
  }
  waiting.clear()
  await Promise.race([Promise.all(inFlight), sleep(10_000)])
  return {
    planned,
    times,
    stored,
    lateMs: Math.max(lateMs, 0),
    failures: failures.length,
    failure: failures[0],
  }
}

/** Everybody's socket in a room. They are there as Parley sees it, by the channel of their attendance. */
async function openRoom({ way, room }: { way: Way; room: Room }) {
  const { conversationId: id, people } = room
  for (let start = 0; start < people.length; start += 25)
    await Promise.all(
      people.slice(start, start + 25).map((person) => {
        const channels = [`private-attendance-${id}_${person.id}`, `private-conversation-${id}`]
        return openSocket(way, person, id, channels, (nonce) => inRoom(nonce))
      }),
    )
}

let inRoom: Arrived = () => {}

/** @returns for each way, milliseconds from before the send until the last of the others has it */
async function reachRoom({ ways, rounds }: { ways: { way: Way; room: Room }[]; rounds: number }) {
  const times: Record<string, number[]> = {}
  for (let round = -3; round < rounds; round++)
    for (const { way, room } of ways) {
      const [sender, receiver] = room.people
      if (!sender || !receiver) throw new Error('The room is empty.')
      const send = await senderOf(way, { conversationId: room.conversationId, sender, receiver })
      const nonce = randomUUID()
      let missing = room.people.length
      const last = arrival(nonce)
      inRoom = (arrived) => {
        if (arrived === nonce && --missing === 0) settle(nonce)
      }
      const began = performance.now()
      const [at] = await Promise.all([last, send(body, nonce)])
      if (round >= 0) times[way.name] = [...(times[way.name] ?? []), at - began]
      await sleep(50)
    }
  return times
}

const commands = { open, latency, load, openRoom, reachRoom }
export type Commands = typeof commands

process.on('message', async ({ name, input }: { name: keyof Commands; input: never }) => {
  try {
    process.send?.({ result: await commands[name](input) })
  } catch (error) {
    process.send?.({ error: (error as Error).stack })
  }
})
report('ready')
