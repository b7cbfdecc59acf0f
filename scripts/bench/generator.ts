// The clients run in a process of their own, so that the load they cause is not counted as the servers'.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { arrivalOf, type Expected, noteArrival } from './arrivals'
import { reportReady } from './child'
import { openReceivers, openSocket, senderOf } from './connections'
import type { Pair, Room } from './seed'
import type { OnMessage } from './sockets'
import type { Way } from './ways'

const body = 'The quick brown fox jumps over the lazy dog, and asks whether it was noticed in time.'
const maxInFlight = 100
/** A message that has not arrived this long after the last send counts as not delivered. */
const graceMs = 2000

const expected: Expected = new Map()
const receive: OnMessage = (nonce) => noteArrival(expected, nonce)

/** Opens the connections by which a way sends and receives in these conversations. */
async function open({ way, pairs }: { way: Way; pairs: Pair[] }) {
  for (const pair of pairs) {
    await openReceivers(way, pair, receive)
    await senderOf(way, pair)
  }
}

/**
 * Sends one message by each way in turn, so that a busy moment of the machine affects all ways.
 * @returns for each way, the milliseconds from before each send until the message was received
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
      const [at] = await Promise.all([arrivalOf(expected, nonce), send(body, nonce)])
      if (round >= 0) times[name] = [...(times[name] ?? []), at - began]
      // A server's work after its answer must not delay the next message.
      await sleep(3)
    }
  return times
}

export interface Load {
  way: Way
  pairs: Pair[]
  /** Messages a second, over all conversations. */
  rate: number
  seconds: number
}

/**
 * Sends at planned times, however fast the server answers. Time in which a message waits for its turn counts as delay.
 * @returns for each delivered message, the milliseconds from the planned time until it was received
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
    expected.set(nonce, (at) => {
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
  expected.clear()
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

/** Opens everyone's socket in a room. By subscribing to their attendance channels, they join the room. */
async function openRoom({ way, room }: { way: Way; room: Room }) {
  const { conversationId: id, people } = room
  for (let start = 0; start < people.length; start += 25)
    await Promise.all(
      people.slice(start, start + 25).map((person) => {
        const channels = [`private-attendance-${id}_${person.id}`, `private-conversation-${id}`]
        return openSocket(way, person, id, channels, (nonce) => receiveInRoom(nonce))
      }),
    )
}

let receiveInRoom: OnMessage = () => {}

/** @returns for each way, the milliseconds from before each send until the last person in the room has the message */
async function reachRoom({ ways, rounds }: { ways: { way: Way; room: Room }[]; rounds: number }) {
  const times: Record<string, number[]> = {}
  for (let round = -3; round < rounds; round++)
    for (const { way, room } of ways) {
      const [sender, receiver] = room.people
      if (!sender || !receiver) throw new Error('The room is empty.')
      const send = await senderOf(way, { conversationId: room.conversationId, sender, receiver })
      const nonce = randomUUID()
      let missing = room.people.length
      const last = arrivalOf(expected, nonce)
      receiveInRoom = (received) => {
        if (received === nonce && --missing === 0) receive(nonce)
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
reportReady('ready')
