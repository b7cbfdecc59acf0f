import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Message, storeMessage } from '@/lib/messages'
import { conversationChannel } from '@/lib/realtime/channels'
import { soketi } from '@/lib/realtime/soketi'
import { call, PageForm } from './http'
import type { TwoPeople } from './people'
import type { Receiver } from './receiver'

const body = 'The quick brown fox jumps over the lazy dog, and asks whether it heard of it in time.'

/** The ways a message goes, and the bare parts of that way; each takes a nonce and returns milliseconds. */
type Ways = Record<'api' | 'form' | 'transaction' | 'trigger', (nonce: string) => Promise<number>>

/**
 * Takes every way once a round, one after another, so that a busy moment of the machine hits all alike.
 * @returns the milliseconds of each, sorted
 */
export async function measureLatency(url: string, people: TwoPeople, receiver: Receiver, rounds: number) {
  const ways = await makeWays(url, people, receiver)
  const names = Object.keys(ways) as (keyof Ways)[]
  const times: Record<keyof Ways, number[]> = { api: [], form: [], transaction: [], trigger: [] }
  const warmUp = 50
  // A machine too busy to finish in time gets fewer rounds.
  const end = Date.now() + 60_000
  for (let round = -warmUp; round < rounds && Date.now() < end; round++)
    for (const name of names) {
      const time = await ways[name](randomUUID())
      if (round >= 0) times[name].push(time)
      // What the last one left to do after its answer is not the next one's.
      await sleep(2)
    }
  for (const name of names) times[name].sort((one, other) => one - other)
  return times
}

async function makeWays(url: string, { ada, conversationId }: TwoPeople, receiver: Receiver): Promise<Ways> {
  const form = await PageForm.read(`${url}/c/${conversationId}`, 'body', ada.cookie)
  const { message: sample } = await storeMessage(ada.user, conversationId, { body })

  /** From now until it has arrived; the sender's own answer is waited for too, but not counted. */
  async function untilReceived(nonce: string, send: () => Promise<unknown>) {
    const arrival = receiver.arrival(nonce)
    const began = performance.now()
    const [arrived] = await Promise.all([arrival, send()])
    return arrived - began
  }

  return {
    api: (nonce) =>
      untilReceived(nonce, () =>
        call(`${url}/api/conversations/${conversationId}/messages`, { body, nonce }, ada.token),
      ),
    form: (nonce) =>
      untilReceived(nonce, async () => {
        const { status } = await form.post({ body, nonce })
        if (status !== 303) throw new Error(`The form answered ${status}.`)
      }),
    transaction: async (nonce) => {
      const began = performance.now()
      await storeMessage(ada.user, conversationId, { body, nonce })
      return performance.now() - began
    },
    trigger: (nonce) =>
      untilReceived(nonce, () => {
        const message: Message = { ...sample, nonce }
        return soketi().trigger(conversationChannel(conversationId), 'message.created', message)
      }),
  }
}
