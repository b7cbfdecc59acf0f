import type Pusher from 'pusher-js'
import { socketOptions } from './options'

export type RealtimeAddress = { key: string; url: string }
/** Ended again within this time, a socket waits as long before it comes back. */
const hurryMs = 5000

type Handlers = Record<string, (data: never, metadata?: { user_id?: string }) => void>

// One socket a page, kept through soft navigation; a new one for another person, or when the login session ended.
let current: { userId: string; pusher: Promise<Pusher> } | undefined

/** The browser's socket, signed in. */
export function connectRealtime({ key, url }: RealtimeAddress, userId: string): Promise<Pusher> {
  if (current?.userId !== userId) current = { userId, pusher: open({ key, url }, userId) }
  return current.pusher
}

async function open({ key, url }: RealtimeAddress, userId: string) {
  const { default: Pusher } = await import('pusher-js')
  const endpoint = '/api/realtime/auth'
  const pusher = new Pusher(key, {
    ...socketOptions(url),
    channelAuthorization: { endpoint, transport: 'ajax' },
    userAuthentication: { endpoint, transport: 'ajax' },
  })
  pusher.signin()
  pusher.connection.bind('disconnected', () => comeBack(pusher, userId))
  return pusher
}

/**
 * The server ended it: with the login session, and then the next page that needs one opens another; or as
 * its person left a room in some tab, and then it connects again, with its channels.
 */
async function comeBack(pusher: Pusher, userId: string) {
  const isOver = await isSignedOut()
  if (current?.userId !== userId) return
  if (isOver) current = undefined
  else setTimeout(() => pusher.connect(), nextWait())
}

let lastBackAt = Number.NEGATIVE_INFINITY

/** At once; but where it is ended again and again, not in a hurry. */
function nextWait() {
  const wait = Date.now() - lastBackAt < hurryMs ? hurryMs : 0
  lastBackAt = Date.now() + wait
  return wait
}

/** Asks next-auth, whose answer is `null` then. No answer says nothing. */
const isSignedOut = () =>
  fetch('/api/auth/session', { cache: 'no-store' })
    .then((answer) => answer.json())
    .then(
      (session: unknown) => session === null,
      () => false,
    )

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
