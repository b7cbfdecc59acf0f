import type Pusher from 'pusher-js'

export type RealtimeAddress = { key: string; url: string }
type Handlers = Record<string, (data: never, metadata?: { user_id?: string }) => void>

// One socket a page, kept through soft navigation; a new one for another person, or when the server ended it.
let current: { userId: string; pusher: Promise<Pusher> } | undefined

/** The browser's socket, signed in. */
export function connectRealtime({ key, url }: RealtimeAddress, userId: string): Promise<Pusher> {
  if (current?.userId !== userId) current = { userId, pusher: open(key, new URL(url)) }
  return current.pusher
}

async function open(key: string, { protocol, hostname, port }: URL) {
  const { default: Pusher } = await import('pusher-js')
  const endpoint = '/api/realtime/auth'
  const isSecure = protocol === 'https:'
  const pusher = new Pusher(key, {
    cluster: '',
    wsHost: hostname,
    wsPort: Number(port) || 80,
    wssPort: Number(port) || 443,
    forceTLS: isSecure,
    enabledTransports: isSecure ? ['wss'] : ['ws'],
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
