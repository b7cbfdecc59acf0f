import 'server-only'
import { randomUUID } from 'node:crypto'
import Pusher from 'pusher-js'
import { processState } from '@/db/process-state'
import { env } from '@/lib/env'
import { isEventName } from './events'
import { authorizedBy, socketOptions } from './pusher-options'
import { retryOften } from './reconnect'
import { soketi } from './soketi'

/** An event on a channel, or `gap`: events may have been missed, so read the database. */
export type Received = { name: string; data: unknown } | 'gap'
type Listener = (received: Received) => void

/** How often listeners receive `gap` while there is no connection, so that they poll the database. */
const gapEveryMs = 1500
const subscribeWithinMs = 500
/** Shorter than a browser's, because Soketi is near and presence waits for this socket (presence.ts). */
const ownRetryMs = 1000

/**
 * Subscribes to a channel. All subscriptions of the process share one socket.
 * @returns a function that unsubscribes
 */
export const subscribe = (channelName: string, listener: Listener) =>
  subscriptions().add(channelName, listener)

/** Resolves once the subscription receives every event, or after half a second, because Soketi may be down. */
export const subscribed = (channelName: string) => subscriptions().opened(channelName)

/**
 * When this process's socket reconnected after its last break, in `performance.now()` time: `Infinity` during a break,
 * `-Infinity` before the first one.
 */
export const connectedSince = () => subscriptions().connectedSince

const subscriptions = () => processState('subscriptions', () => new Subscriptions())

class Subscriptions {
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #pusher = openOwnSocket()
  connectedSince = Number.NEGATIVE_INFINITY

  constructor() {
    this.#pusher.connection.bind('state_change', ({ previous, current }: Record<string, string>) => {
      if (previous === 'connected') this.connectedSince = Number.POSITIVE_INFINITY
      // The first connection is no reconnection.
      if (current === 'connected' && this.connectedSince > 0) this.connectedSince = performance.now()
    })
    setInterval(() => {
      const { state } = this.#pusher.connection
      if (state !== 'connected') this.#reportGap()
      // Soketi has refused the connection, and pusher-js doesn't retry after that.
      if (state === 'disconnected') this.#pusher.connect()
    }, gapEveryMs).unref()
  }

  add(channelName: string, listener: Listener) {
    const listeners = this.#listeners.get(channelName) ?? this.#open(channelName)
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
      if (listeners.size || this.#listeners.get(channelName) !== listeners) return
      this.#listeners.delete(channelName)
      this.#pusher.unsubscribe(channelName)
    }
  }

  async opened(channelName: string) {
    const channel = this.#pusher.channel(channelName)
    if (!channel || channel.subscribed) return
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer)
        channel.unbind('pusher:subscription_succeeded', done)
        resolve()
      }
      const timer = setTimeout(done, subscribeWithinMs)
      channel.bind('pusher:subscription_succeeded', done)
    })
  }

  #open(channelName: string) {
    const listeners = new Set<Listener>()
    this.#listeners.set(channelName, listeners)
    this.#pusher.subscribe(channelName).bind_global((name: string, data: unknown) => {
      // Events from before the subscription were missed.
      const isOpen = name === 'pusher:subscription_succeeded'
      if (!isOpen && !isEventName(name)) return
      const received: Received = isOpen ? 'gap' : { name, data }
      for (const listener of listeners) listener(received)
    })
    return listeners
  }

  #reportGap() {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener('gap')
  }
}

/**
 * Opens a socket of the server itself, which authorizes its own subscriptions. It signs in as `site-…` before it
 * subscribes, because Soketi's guard limits the channels and frames of all other sockets.
 */
export function openOwnSocket() {
  const { SOKETI_APP_KEY, SOKETI_URL } = env()
  const pusher: Pusher = new Pusher(SOKETI_APP_KEY, {
    ...socketOptions(SOKETI_URL),
    ...authorizedBy(async ({ socket_id, channel_name }) => {
      if (!channel_name) return soketi().authenticateUser(socket_id, { id: `site-${randomUUID()}` })
      await pusher.user.signinDonePromise
      return soketi().authorizeChannel(socket_id, channel_name)
    }),
  })
  retryOften(pusher, ownRetryMs)
  // Soketi closes a socket that doesn't sign in.
  pusher.signin()
  return pusher
}
