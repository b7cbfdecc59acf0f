import type Pusher from 'pusher-js'
import { authorizedBy, type SocketFields, socketOptions } from './pusher-options'
import { retryOften } from './reconnect'

export type RealtimeAddress = { key: string; url: string }
/** How a page connects. A socket belongs to one login session. */
export type Realtime = RealtimeAddress & { loginSessionId: string }
/** A socket that is closed again within this time waits as long before it reconnects. */
const hurryMs = 5000
const retrySeconds = 2

type Handlers = Record<string, (data: never, metadata?: { user_id?: string }) => void>

// One socket per page. It stays open through soft navigation and is replaced for another login session.
let current: { loginSessionId: string; pusher: Promise<Pusher> } | undefined

/** Opens the page's socket, or returns the open one. */
export function connectRealtime(realtime: Realtime): Promise<Pusher> {
  const { loginSessionId } = realtime
  if (current?.loginSessionId === loginSessionId) return current.pusher
  // In a later task, because pusher-js sends its last messages in the next one.
  current?.pusher.then((pusher) => setTimeout(() => pusher.disconnect()))
  current = { loginSessionId, pusher: open(realtime) }
  return current.pusher
}

/** Closes the socket of a login session that has ended. */
export function disconnectRealtime() {
  current?.pusher.then((pusher) => pusher.disconnect())
  current = undefined
}

async function open({ key, url, loginSessionId }: Realtime) {
  const { default: Pusher } = await import('pusher-js')
  const pusher: Pusher = new Pusher(key, {
    ...socketOptions(url),
    ...authorizedBy((fields) => authorize(fields, () => pusher.connection.socket_id === fields.socket_id)),
  })
  retryOften(pusher)
  pusher.signin()
  pusher.connection.bind('disconnected', () => reconnect(pusher, loginSessionId))
  return pusher
}

/**
 * Requests an authorization, and retries while the site fails or limits it, because pusher-js does not retry. The
 * socket may reconnect while the database is still down.
 */
async function authorize(fields: SocketFields, isWanted: () => boolean): Promise<unknown> {
  const answer = await fetch('/api/realtime/auth', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  }).catch(() => undefined)
  if (answer?.ok) return answer.json()
  // An unread answer would keep its connection busy.
  await answer?.body?.cancel()
  const mayPass = !answer || answer.status >= 500 || answer.status === 429
  if (!mayPass || !isWanted()) throw new Error(`The socket was not authorized: ${answer?.status}.`)
  const seconds = Number(answer?.headers.get('retry-after')) || retrySeconds
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return authorize(fields, isWanted)
}

/**
 * Reconnects a socket that the server closed, with its channels: its person left a room in another tab. If the login
 * session has ended instead, the next page that needs a socket opens a new one.
 */
async function reconnect(pusher: Pusher, loginSessionId: string) {
  const isOver = await isSignedOut()
  if (current?.loginSessionId !== loginSessionId) return
  if (isOver) current = undefined
  else setTimeout(() => pusher.connect(), nextWait())
}

let lastReconnectAt = Number.NEGATIVE_INFINITY

/** Reconnects at once, but waits if the socket was closed again soon. */
function nextWait() {
  const wait = Date.now() - lastReconnectAt < hurryMs ? hurryMs : 0
  lastReconnectAt = Date.now() + wait
  return wait
}

/**
 * Asks next-auth, which answers `null` without a login session. If there is no answer, assumes that the session goes
 * on.
 */
const isSignedOut = () =>
  fetch('/api/auth/session', { cache: 'no-store' })
    .then((answer) => answer.json())
    .then(
      (session: unknown) => session === null,
      () => false,
    )

/** Subscribes to a channel. @returns a function that unsubscribes */
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
