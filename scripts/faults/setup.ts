import { Changer } from './changers'
import { type Address, type Client, PusherClient, StreamClient } from './clients'
import { LongWork } from './long-work'
import { createParticipant, createRoom, openDirect } from './participants'
import { Sender } from './senders'
import type { System } from './system'

export type Setup = Awaited<ReturnType<typeof createSetup>>

/**
 * Four people with direct conversations and rooms, their senders, and clients that receive. In quiet conversations,
 * messages are sent and changed only during a fault. If there are two sites, messages are sent on one and received on the other.
 */
export async function createSetup({ urls, env }: System) {
  const [ada, bob, cyd, dan] = await Promise.all([
    createParticipant('ada'),
    createParticipant('bob'),
    createParticipant('cyd'),
    createParticipant('dan'),
  ])
  const [busy, calm, quiet] = await Promise.all([
    openDirect(ada, bob),
    openDirect(cyd, dan),
    openDirect(ada, cyd),
  ])
  const longWork = await LongWork.create(String(urls[0]), bob, cyd)
  const [busyRoom, quietRoom] = await Promise.all([createRoom(ada, 'tea'), createRoom(ada, 'still')])
  const [first = '', second = first] = urls
  const realtime = { key: String(env.SOKETI_APP_KEY), url: String(env.SOKETI_URL) }
  const atFirst: Address = { url: first, realtime }
  const atSecond: Address = { url: second, realtime }
  return {
    longWork,
    address: atSecond,
    people: { ada, bob, cyd, dan },
    targets: { busy, quiet, busyRoom, quietRoom },
    senders: [
      new Sender(first, ada, busy, 'api'),
      new Sender(second, ada, busy, 'form'),
      new Sender(second, bob, busy, 'form'),
      new Sender(first, cyd, calm, 'api'),
      new Sender(second, dan, calm, 'api'),
      new Sender(first, bob, busyRoom, 'api'),
      new Sender(second, cyd, busyRoom, 'api'),
      new Sender(first, dan, busyRoom, 'form'),
    ],
    quietSenders: [new Sender(first, ada, quiet, 'api'), new Sender(second, dan, quietRoom, 'api')],
    changers: [new Changer(first, ada, quiet), new Changer(second, cyd, quiet)],
    clients: [
      new PusherClient(atFirst, bob, busy),
      new PusherClient(atSecond, cyd, calm),
      new PusherClient(atFirst, ada, busyRoom),
      new PusherClient(atSecond, cyd, quiet),
      new PusherClient(atFirst, cyd, quietRoom),
      new StreamClient(atSecond, bob, busyRoom),
      new StreamClient(atFirst, dan, quietRoom),
      new StreamClient(atSecond, ada, quiet),
      new PusherClient(atSecond, bob, longWork.left),
      new StreamClient(atFirst, bob, longWork.left),
      new PusherClient(atFirst, cyd, longWork.old),
      new StreamClient(atSecond, cyd, longWork.old),
    ] as Client[],
  }
}
