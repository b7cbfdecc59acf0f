import { setTimeout as sleep } from 'node:timers/promises'
import Pusher from 'pusher-js'
import { attendanceChannel, conversationChannel } from '@/lib/realtime/channels'
import { authorizedBy, socketOptions } from '@/lib/realtime/pusher-options'
import { retryOften } from '@/lib/realtime/reconnect'
import type { Message } from '@/lib/views'
import { Refused, Site } from '../console/site'
import { linesOf } from '../lines'
import type { ShownMessage } from './check'
import type { Participant, Target } from './participants'

/** A client that shows a conversation. */
export interface Client {
  name: string
  person: Participant
  target: Target
  /** The first `seq` that the client must show. The default is the first one that it shows. */
  from?: number
  messages: () => ShownMessage[] | Promise<ShownMessage[]>
  close: () => void | Promise<void>
}

export interface Address {
  url: string
  realtime: { key: string; url: string }
}

const askEveryMs = 2000
const pageSize = 100

/**
 * A Pusher client as in the contract. It appends by `seq`, and asks for missing messages at a gap, after a break, and
 * every few seconds while it is not connected.
 */
export class PusherClient implements Client {
  readonly name: string
  readonly from = 1
  readonly #messages: ShownMessage[] = []
  readonly #site: Site
  readonly #pusher: Pusher
  readonly #asking: NodeJS.Timeout
  #isBehind = false
  #isCatchingUp = false
  #isClosed = false

  constructor(
    { url, realtime }: Address,
    readonly person: Participant,
    readonly target: Target,
  ) {
    this.name = `Pusher client of ${person.username}`
    this.#site = new Site(url, () => {}, person.token)
    this.#pusher = new Pusher(realtime.key, {
      ...socketOptions(realtime.url),
      // While the site does not answer, this waits until it does.
      ...authorizedBy((fields) => this.#site.askUntilAnswered('/api/realtime/auth', { json: fields })),
    })
    retryOften(this.#pusher)
    this.#pusher.signin()
    if (target.room) this.#attend()
    else this.#subscribe()
    this.#asking = setInterval(() => {
      if (this.#pusher.connection.state !== 'connected') this.#catchUp()
    }, askEveryMs)
  }

  messages = () => this.#messages

  close = () => {
    this.#isClosed = true
    clearInterval(this.#asking)
    this.#site.giveUp()
    this.#pusher.disconnect()
  }

  /** Subscribes to the person's attendance channel first, which joins the room and so allows its other channels. */
  #attend() {
    const { id } = this.target
    this.#pusher
      .subscribe(attendanceChannel(id, this.person.id))
      .bind('pusher:subscription_succeeded', this.#subscribe)
    // After a break the person may have left the room, so the room's channel must wait for the attendance channel.
    this.#pusher.connection.bind(
      'state_change',
      ({ current }: { current: string }) =>
        current === 'connected' || this.#pusher.unsubscribe(conversationChannel(id)),
    )
  }

  #subscribe = () => {
    this.#pusher
      .subscribe(conversationChannel(this.target.id))
      .bind('message.created', this.#receive)
      .bind('pusher:subscription_succeeded', this.#catchUp)
  }

  get #last() {
    return this.#messages.at(-1)?.seq ?? 0
  }

  #receive = ({ seq, body }: Message) => {
    if (seq === this.#last + 1) this.#messages.push({ seq, body })
    else if (seq > this.#last) this.#catchUp()
  }

  #catchUp = async () => {
    this.#isBehind = true
    if (this.#isCatchingUp) return
    this.#isCatchingUp = true
    while (this.#isBehind && !this.#isClosed) {
      this.#isBehind = false
      const query = new URLSearchParams({ after: `${this.#last}`, limit: `${pageSize}` })
      const path = `/api/conversations/${this.target.id}/messages?${query}`
      const messages = await this.#site
        .ask<{ messages: Message[] }>(path)
        .then(({ messages }) => messages)
        .catch(this.#failed)
      if (!messages || messages.length === pageSize) this.#isBehind = true
      // Some may have arrived as events in the meantime.
      for (const { seq, body } of messages ?? []) if (seq > this.#last) this.#messages.push({ seq, body })
    }
    this.#isCatchingUp = false
  }

  #failed = async (error: unknown) => {
    const { room } = this.target
    // The person has left the room because no connection was seen. A short stream joins it again. It is not JSON, so
    // reading its answer fails.
    if (error instanceof Refused && room) await this.#site.ask(`/api/room/${room}?timeout=1`).catch(() => {})
    else await sleep(500)
    return undefined
  }
}

/** A client that reads a room's stream, and continues after the last message when the stream ends. */
export class StreamClient implements Client {
  readonly name: string
  readonly from = 1
  readonly #messages: ShownMessage[] = []
  readonly #site: Site
  readonly #end = new AbortController()

  constructor(
    { url }: Address,
    readonly person: Participant,
    readonly target: Target,
  ) {
    this.name = `stream of ${person.username}`
    this.#site = new Site(url, () => {}, person.token)
    this.#follow().catch(() => {})
  }

  messages = () => this.#messages

  close = () => {
    this.#end.abort()
    this.#site.giveUp()
  }

  async #follow() {
    const { signal } = this.#end
    for (; !signal.aborted; await sleep(200)) {
      const path = `/api/room/${this.target.room}?timeout=300&after=${this.#messages.at(-1)?.seq ?? 0}`
      try {
        for await (const line of linesOf(await this.#site.open(path, signal))) {
          const { type, seq, body } = JSON.parse(line)
          if (type === 'message') this.#messages.push({ seq, body })
        }
      } catch {
        // The connection was lost.
      }
    }
  }
}
