import 'server-only'
import { randomUUID } from 'node:crypto'
import Pusher from 'pusher-js'
import { processState } from '@/db/process-state'
import { env } from '@/lib/env'
import { isEventName } from './events'
import { authorizedBy, socketOptions } from './pusher-options'
import { retryOften } from './reconnect'
import { soketi } from './soketi'

/** What a conversation's channel said, or `ask`: something may have been missed. */
export type Heard = { name: string; data: unknown } | 'ask'
type Listener = (heard: Heard) => void

/** While Soketi is away, who listens is told to ask this often. */
const askEveryMs = 1500
const openWithinMs = 500
/** The way to Soketi is short, and presence waits for this socket (presence.ts). */
const ownRetryMs = 1000

/**
 * Listens to a channel, over the one socket that this process has, however many listen.
 * @returns a function that ends it
 */
export const listen = (channelName: string, listener: Listener) => subscriptions().add(channelName, listener)

/** Resolves when nothing more on the channel is missed; soon in any case, because Soketi may be away. */
export const listening = (channelName: string) => subscriptions().opened(channelName)

/**
 * Since when this process's socket has been connected again after its last break, in `performance.now()`'s time:
 * `Infinity` during a break, `-Infinity` before the first.
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
      // Not for the first connection: there was no break.
      if (current === 'connected' && this.connectedSince > 0) this.connectedSince = performance.now()
    })
    setInterval(() => {
      const { state } = this.#pusher.connection
      if (state !== 'connected') this.#askAll()
      // Soketi has refused it, and pusher-js does not try again by itself.
      if (state === 'disconnected') this.#pusher.connect()
    }, askEveryMs).unref()
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
      const timer = setTimeout(done, openWithinMs)
      channel.bind('pusher:subscription_succeeded', done)
    })
  }

  #open(channelName: string) {
    const listeners = new Set<Listener>()
    this.#listeners.set(channelName, listeners)
    this.#pusher.subscribe(channelName).bind_global((name: string, data: unknown) => {
      // From here on nothing is missed; before, and in a break, anything may have been.
      const isOpen = name === 'pusher:subscription_succeeded'
      if (!isOpen && !isEventName(name)) return
      const heard: Heard = isOpen ? 'ask' : { name, data }
      for (const listener of listeners) listener(heard)
    })
    return listeners
  }

  #askAll() {
    for (const listeners of this.#listeners.values()) for (const listener of listeners) listener('ask')
  }
}

/**
 * A socket of the server's own, which signs for itself what Soketi wants signed. Soketi's guard limits channels and
 * frames for any socket but those signed in as `site-…`, so it signs in before it subscribes.
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
  // A socket that has not signed in is closed after a while.
  pusher.signin()
  return pusher
}
