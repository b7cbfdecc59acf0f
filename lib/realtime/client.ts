import type Pusher from 'pusher-js'
import { socketOptions } from './options'

export type RealtimeAddress = { key: string; url: string }
type Handlers = Record<string, (data: never, metadata?: { user_id?: string }) => void>

// One socket a page, kept through soft navigation; a new one for another person, or when the server ended it.
let current: { userId: string; pusher: Promise<Pusher> } | undefined

/** The browser's socket, signed in. */
export function connectRealtime({ key, url }: RealtimeAddress, userId: string): Promise<Pusher> {
  if (current?.userId !== userId) current = { userId, pusher: open({ key, url }) }
  return current.pusher
}

async function open({ key, url }: RealtimeAddress) {
  const { default: Pusher } = await import('pusher-js')
  const endpoint = '/api/realtime/auth'
  const pusher = new Pusher(key, {
    ...socketOptions(url),
    channelAuthorization: { endpoint, transport: 'ajax' },
    userAuthentication: { endpoint, transport: 'ajax' },
  })
  pusher.signin()
  // Ended by the server, as when the login session was: the next page that needs one opens another.
  pusher.connection.bind('disconnected', () => {
    current = undefined
  })
  return pusher
}

/** Listens on a channel until the returned function is called. */
export function subscribe(connecting: Promise<Pusher>, channelName: string, handlers: Handlers) {
  let isOver = false
  connecting.then((pusher) => {
    if (isOver) return
    const channel = pusher.subscribe(channelName)
    for (const [event, handler] of Object.entries(handlers)) channel.bind(event, handler)
  })
  return () => {
    isOver = true
    connecting.then((pusher) => pusher.unsubscribe(channelName))
  }
}
