import { setTimeout as sleep } from 'node:timers/promises'
import Pusher from 'pusher-js'
import { attendanceChannel, conversationChannel } from '@/lib/realtime/channels'
import { authorizedBy, socketOptions } from '@/lib/realtime/pusher-options'
import { retryOften } from '@/lib/realtime/reconnect'
import type { Message } from '@/lib/views'
import { linesOf } from '../console/lines'
import { Refused, Site } from '../console/site'
import type { Line } from './check'
import type { Place, Somebody } from './people'

/** Somebody who watches a conversation, with all that they see of it. */
export interface Client {
  name: string
  place: Place
  /** The first `seq` that must be there; where it is not said, what is seen first. */
  from?: number
  lines: () => Line[] | Promise<Line[]>
  close: () => void | Promise<void>
}

export interface Address {
  url: string
  realtime: { key: string; url: string }
}

const askEveryMs = 2000
const pageSize = 100

/**
 * A Pusher client as the contract wants it: it appends by `seq`, asks for what it missed at a hole and after
 * a break, and every few seconds while there is no connection.
 */
export class PusherClient implements Client {
  readonly name: string
  readonly from = 1
  readonly #lines: Line[] = []
  readonly #site: Site
  readonly #pusher: Pusher
  readonly #asking: NodeJS.Timeout
  #isBehind = false
  #isCatchingUp = false

  constructor(
    { url, realtime }: Address,
    readonly person: Somebody,
    readonly place: Place,
  ) {
    this.name = `Pusher client of ${person.username}`
    this.#site = new Site(url, () => {})
    this.#site.token = person.token
    this.#pusher = new Pusher(realtime.key, {
      ...socketOptions(realtime.url),
      // Where the site is away, the answer comes when it is back.
      ...authorizedBy((fields) => this.#site.insist('/api/realtime/auth', { json: fields })),
    })
    retryOften(this.#pusher)
    this.#pusher.signin()
    if (place.room) this.#attend()
    else this.#listen()
    this.#asking = setInterval(() => {
      if (this.#pusher.connection.state !== 'connected') this.#catchUp()
    }, askEveryMs)
  }

  lines = () => this.#lines

  close = () => {
    clearInterval(this.#asking)
    this.#site.giveUp()
    this.#pusher.disconnect()
  }

  /** Who listens to their own channel is in the room; only then its other channels are open. */
  #attend() {
    const { id } = this.place
    this.#pusher
      .subscribe(attendanceChannel(id, this.person.id))
      .bind('pusher:subscription_succeeded', this.#listen)
    // A break may have ended it: the room's channel is not to be asked for before it is there again.
    this.#pusher.connection.bind(
      'state_change',
      ({ current }: { current: string }) =>
        current === 'connected' || this.#pusher.unsubscribe(conversationChannel(id)),
    )
  }

  #listen = () => {
    this.#pusher
      .subscribe(conversationChannel(this.place.id))
      .bind('message.created', this.#take)
      .bind('pusher:subscription_succeeded', this.#catchUp)
  }

  get #last() {
    return this.#lines.at(-1)?.seq ?? 0
  }

  #take = ({ seq, body }: Message) => {
    if (seq === this.#last + 1) this.#lines.push({ seq, body })
    else if (seq > this.#last) this.#catchUp()
  }

  #catchUp = async () => {
    this.#isBehind = true
    if (this.#isCatchingUp) return
    this.#isCatchingUp = true
    while (this.#isBehind) {
      this.#isBehind = false
      const query = new URLSearchParams({ after: `${this.#last}`, limit: `${pageSize}` })
      const path = `/api/conversations/${this.place.id}/messages?${query}`
      const messages = await this.#site
        .ask<{ messages: Message[] }>(path)
        .then(({ messages }) => messages)
        .catch(this.#failed)
      if (!messages || messages.length === pageSize) this.#isBehind = true
      // Some may have come as events meanwhile.
      for (const { seq, body } of messages ?? []) if (seq > this.#last) this.#lines.push({ seq, body })
    }
    this.#isCatchingUp = false
  }

  #failed = async (error: unknown) => {
    const { room } = this.place
    // While nobody saw it, it was taken for gone: a short stream comes back. It is no JSON.
    if (error instanceof Refused && room) await this.#site.ask(`/api/room/${room}?timeout=1`).catch(() => {})
    else await sleep(500)
    return undefined
  }
}

/** A stream of a room, taken up where it broke off; every line counts as it comes. */
export class StreamClient implements Client {
  readonly name: string
  readonly from = 1
  readonly #lines: Line[] = []
  readonly #site: Site
  readonly #end = new AbortController()

  constructor(
    { url }: Address,
    person: Somebody,
    readonly place: Place,
  ) {
    this.name = `stream of ${person.username}`
    this.#site = new Site(url, () => {})
    this.#site.token = person.token
    this.#follow().catch(() => {})
  }

  lines = () => this.#lines

  close = () => {
    this.#end.abort()
    this.#site.giveUp()
  }

  async #follow() {
    const { signal } = this.#end
    for (; !signal.aborted; await sleep(200)) {
      const path = `/api/room/${this.place.room}?timeout=300&after=${this.#lines.at(-1)?.seq ?? 0}`
      try {
        for await (const line of linesOf(await this.#site.open(path, signal))) {
          const { type, seq, body } = JSON.parse(line)
          if (type === 'message') this.#lines.push({ seq, body })
        }
      } catch {
        // Broken off.
      }
    }
  }
}
