import { conversationChannel } from '@/lib/realtime/channels'
import { soketi } from '@/lib/realtime/soketi'
import { openOwnSocket } from '@/lib/realtime/subscribe'

/** So many Pusher clients on one channel, without the site: Soketi's own measure for a crowd. */
export async function openCrowd(size: number, conversationId: string) {
  const channel = conversationChannel(conversationId)
  let arrived = (_at: number) => {}
  const clients = await Promise.all(Array.from({ length: size }, () => join(channel, (at) => arrived(at))))
  return {
    /** Milliseconds until the last of them has an event. */
    reachAll: async () => {
      let missing = size
      const began = performance.now()
      const last = new Promise<number>((resolve) => {
        arrived = (at) => {
          if (--missing === 0) resolve(at)
        }
      })
      await soketi().trigger(channel, 'message.created', { body: 'Hello' })
      return (await last) - began
    },
    close: () => {
      for (const client of clients) client.disconnect()
    },
  }
}

async function join(channelName: string, onMessage: (at: number) => void) {
  const pusher = openOwnSocket()
  const channel = pusher.subscribe(channelName)
  channel.bind('message.created', () => onMessage(performance.now()))
  await new Promise((resolve) => channel.bind('pusher:subscription_succeeded', resolve))
  return pusher
}
