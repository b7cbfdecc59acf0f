import Pusher from 'pusher-js'
import type { Message } from '@/lib/messages'
import { conversationChannel } from '@/lib/realtime/channels'
import { socketOptions } from '@/lib/realtime/options'

/** Somebody's Pusher client, listening to a conversation. */
export async function openReceiver(url: string, realtime: string, key: string, token: string, id: string) {
  const auth = {
    endpoint: `${url}/api/realtime/auth`,
    transport: 'ajax' as const,
    headers: { authorization: `Bearer ${token}` },
  }
  const pusher = new Pusher(key, {
    ...socketOptions(realtime),
    channelAuthorization: auth,
    userAuthentication: auth,
  })
  pusher.signin()
  const waiting = new Map<string, (at: number) => void>()
  const channel = pusher.subscribe(conversationChannel(id))
  channel.bind('message.created', ({ nonce }: Message) => {
    waiting.get(nonce)?.(performance.now())
    waiting.delete(nonce)
  })
  await new Promise((resolve, reject) => {
    channel.bind('pusher:subscription_succeeded', resolve)
    channel.bind('pusher:subscription_error', reject)
  })
  return {
    /** When the message with this nonce arrives, in `performance.now()`'s time. */
    arrival: (nonce: string) =>
      new Promise<number>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('A message did not arrive within 10 s.')), 10_000)
        waiting.set(nonce, (at) => {
          clearTimeout(late)
          resolve(at)
        })
      }),
    close: () => pusher.disconnect(),
  }
}

export type Receiver = Awaited<ReturnType<typeof openReceiver>>
