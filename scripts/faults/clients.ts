import { setTimeout as sleep } from 'node:timers/promises'
import Pusher from 'pusher-js'
import { attendanceChannel, conversationChannel } from '@/lib/realtime/channels'
import type { Events, MessageChanged, Touched } from '@/lib/realtime/events'
import { authorizedBy, socketOptions } from '@/lib/realtime/pusher-options'
import { retryOften } from '@/lib/realtime/reconnect'
import { afterChanged, afterCreated, afterExpired, type Position } from '@/lib/stream-position'
import type { Message, MessageUpdates, SharedMessage } from '@/lib/views'
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
 * A Pusher client as in the contract. It follows `seq` and the version, and asks for what is missing at a gap, after a
 * break, and every few seconds while it is not connected.
 */
export class PusherClient implements Client {
  readonly name: string
  readonly from = 1
  readonly #messages = new ShownMessages()
  #at: Position = { seq: 0, version: 0 }
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

  messages = () => this.#messages.list()

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
      .bind('message.created', (event: Events['message.created']) =>
        this.#receive(event, afterCreated(this.#at, event)),
      )
      .bind('message.changed', ({ message, conversationVersion }: MessageChanged) =>
        this.#receive(message, afterChanged(this.#at, { seq: message.seq, conversationVersion })),
      )
      .bind('conversation.touched', ({ firstSeq, version }: Touched) => {
        if (!firstSeq || !version) return
        this.#messages.dropBefore(firstSeq)
        this.#receive(undefined, afterExpired(this.#at, { firstSeq, version }))
      })
      .bind('pusher:subscription_succeeded', this.#catchUp)
  }

  #receive(message?: SharedMessage, at?: Position) {
    if (at && at !== this.#at && !this.#isCatchingUp) {
      this.#at = at
      if (message) this.#messages.set(message)
    } else if (!at || this.#isCatchingUp) this.#catchUp()
  }

  #catchUp = async () => {
    this.#isBehind = true
    if (this.#isCatchingUp) return
    this.#isCatchingUp = true
    while (this.#isBehind && !this.#isClosed) {
      this.#isBehind = false
      const { seq: after, version: since } = this.#at
      const path = `/api/conversations/${this.target.id}/messages?after=${after}&since=${since}&limit=${pageSize}`
      const updates = await this.#site.ask<MessageUpdates>(path).catch(this.#failed)
      if (!updates || updates.more) this.#isBehind = true
      if (!updates) continue
      const { changed, messages, version, firstSeq } = updates
      this.#messages.dropBefore(firstSeq)
      for (const message of [...changed, ...messages]) this.#messages.set(message)
      this.#at = { seq: messages.at(-1)?.seq ?? Math.max(after, firstSeq - 1), version }
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

/** A client that reads a conversation's stream, and continues after the last item when the stream ends. */
export class StreamClient implements Client {
  readonly name: string
  readonly from = 1
  readonly #messages = new ShownMessages()
  #at: Position = { seq: 0, version: 0 }
  readonly #repeated: ShownMessage[] = []
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

  messages = () => [...this.#messages.list(), ...this.#repeated]

  close = () => {
    this.#end.abort()
    this.#site.giveUp()
  }

  async #follow() {
    const { signal } = this.#end
    for (; !signal.aborted; await sleep(200)) {
      const { id, room } = this.target
      const path = room ? `/api/room/${room}` : `/api/conversations/${id}/stream`
      const { seq, version } = this.#at
      try {
        const lines = linesOf(
          await this.#site.open(`${path}?timeout=300&after=${seq}&since=${version}`, signal),
        )
        for await (const line of lines) {
          const { type, ...message } = JSON.parse(line)
          if (type === 'expired') this.#messages.dropBefore(message.firstSeq)
          if (type === 'message' || type === 'changed') this.#show(message)
        }
      } catch {
        // The connection was lost.
      }
    }
  }

  /** An item that the stream has sent before makes this client differ. */
  #show(message: Message) {
    const { seq, version, body } = message
    if (seq <= this.#at.seq && version <= this.#at.version) this.#repeated.push({ seq, body })
    this.#messages.set(message)
    this.#at = { seq: Math.max(seq, this.#at.seq), version: Math.max(version, this.#at.version) }
  }
}

/** The latest copies of messages, without deleted ones. */
class ShownMessages {
  readonly #bySeq = new Map<number, SharedMessage>()

  set = (message: SharedMessage) => this.#bySeq.set(message.seq, message)

  dropBefore(firstSeq: number) {
    for (const seq of this.#bySeq.keys()) if (seq < firstSeq) this.#bySeq.delete(seq)
  }

  list = () =>
    [...this.#bySeq.values()]
      .filter(({ deletedAt }) => !deletedAt)
      .map(({ seq, body, reactions }) => ({ seq, body, reactions: textOf(reactions) }))
      .sort((one, other) => one.seq - other.seq)
}

const textOf = (reactions: SharedMessage['reactions']) =>
  reactions
    .map(({ emoji, count }) => `${emoji}${count}`)
    .sort()
    .join(' ')
