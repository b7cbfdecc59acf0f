import type { Parley } from '../parley'
import { type Address, type Client, PusherClient, StreamClient } from './clients'
import { createParticipant, createRoom, openDirect } from './participants'
import { Sender } from './senders'

export type Setup = Awaited<ReturnType<typeof createSetup>>

/**
 * Four people with direct conversations and rooms, their senders, and clients that receive. In quiet conversations,
 * messages are sent only during a fault.
 */
export async function createSetup({ url, env }: Parley) {
  const [ada, bob, cyd, dan] = await Promise.all([
    createParticipant('ada'),
    createParticipant('bob'),
    createParticipant('cyd'),
    createParticipant('dan'),
  ])
  const [busy, other, quiet] = await Promise.all([
    openDirect(ada, bob),
    openDirect(cyd, dan),
    openDirect(ada, cyd),
  ])
  const [busyRoom, quietRoom] = await Promise.all([createRoom(ada, 'tea'), createRoom(ada, 'still')])
  const address: Address = {
    url,
    realtime: { key: String(env.SOKETI_APP_KEY), url: String(env.SOKETI_URL) },
  }
  return {
    address,
    people: { ada, bob, cyd, dan },
    targets: { busy, quiet, busyRoom, quietRoom },
    senders: [
      new Sender(url, ada, busy, 'api'),
      new Sender(url, ada, busy, 'form'),
      new Sender(url, bob, busy, 'form'),
      new Sender(url, cyd, other, 'api'),
      new Sender(url, dan, other, 'api'),
      new Sender(url, bob, busyRoom, 'api'),
      new Sender(url, cyd, busyRoom, 'api'),
      new Sender(url, dan, busyRoom, 'form'),
    ],
    quietSenders: [new Sender(url, ada, quiet, 'api'), new Sender(url, dan, quietRoom, 'api')],
    clients: [
      new PusherClient(address, bob, busy),
      new PusherClient(address, cyd, other),
      new PusherClient(address, ada, busyRoom),
      new PusherClient(address, cyd, quiet),
      new PusherClient(address, cyd, quietRoom),
      new StreamClient(address, bob, busyRoom),
      new StreamClient(address, dan, quietRoom),
    ] as Client[],
  }
}
