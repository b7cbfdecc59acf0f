import type Pusher from 'pusher-js'
import { authorizedBy, type SocketFields, socketOptions } from './pusher-options'
import { retryOften } from './reconnect'

export type RealtimeAddress = { key: string; url: string }
/** What a page connects with. Soketi's sockets belong to one login session each. */
export type Realtime = RealtimeAddress & { loginSessionId: string }
/** Ended again within this time, a socket waits as long before it comes back. */
const hurryMs = 5000
const askAgainSeconds = 2

type Handlers = Record<string, (data: never, metadata?: { user_id?: string }) => void>

// One socket a page, kept through soft navigation; a new one for another login session.
let current: { loginSessionId: string; pusher: Promise<Pusher> } | undefined

/** The browser's socket, signed in. */
export function connectRealtime(realtime: Realtime): Promise<Pusher> {
  const { loginSessionId } = realtime
  if (current?.loginSessionId === loginSessionId) return current.pusher
  // A moment later: pusher-js sends what it still has to say in the next task.
  current?.pusher.then((pusher) => setTimeout(() => pusher.disconnect()))
  current = { loginSessionId, pusher: open(realtime) }
  return current.pusher
}

/** Closes the socket of a login session that is over. */
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
  pusher.connection.bind('disconnected', () => comeBack(pusher, loginSessionId))
  return pusher
}

/**
 * Asks the site, again and again while it does not work or has had enough of us: the socket may come back while the
 * database is away, and pusher-js asks once.
 */
async function authorize(fields: SocketFields, isWanted: () => boolean): Promise<unknown> {
  const answer = await fetch('/api/realtime/auth', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  }).catch(() => undefined)
  if (answer?.ok) return answer.json()
  // An answer that nobody reads keeps its connection.
  await answer?.body?.cancel()
  const mayPass = !answer || answer.status >= 500 || answer.status === 429
  if (!mayPass || !isWanted()) throw new Error(`The socket was not authorized: ${answer?.status}.`)
  const seconds = Number(answer?.headers.get('retry-after')) || askAgainSeconds
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  return authorize(fields, isWanted)
}

/**
 * The server ended it: with the login session, and then the next page that needs one opens another; or as
 * its person left a room in some tab, and then it connects again, with its channels.
 */
async function comeBack(pusher: Pusher, loginSessionId: string) {
  const isOver = await isSignedOut()
  if (current?.loginSessionId !== loginSessionId) return
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
