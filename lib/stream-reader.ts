import 'server-only'
import { enterRoom } from './attendance'
import type { CurrentUser } from './current-user'
import { Refusal } from './errors'
import { listMessages } from './history'
import { changesShownBy, type KnownChange } from './known-changes'
import { logError } from './log'
import type { Events, MessageChanged, Touched } from './realtime/events'
import { createdMessage } from './realtime/own-copy'
import type { Received } from './realtime/subscribe'
import { readChange } from './stream-changes'
import type { Inbox } from './stream-inbox'
import { afterChanged, afterCreated, afterExpired, type Position, pageSize, stepsOf } from './stream-position'
import type { Message, Person } from './views'

export type StreamItem =
  | { kind: 'message'; message: Message; at: Position }
  /** `changes` are all that is known of what has changed. */
  | { kind: 'changed'; message: Message; at: Position; changes: KnownChange[] }
  /** The messages before `firstSeq` are no longer kept. */
  | { kind: 'expired'; conversationId: string; firstSeq: number; at: Position }
  | { kind: 'joined' | 'left'; person: Person }
  /** Nothing happened for a while: a sign of life, so that no proxy closes the stream as idle. */
  | { kind: 'quiet' }

type Source = {
  user: CurrentUser
  conversationId: string
  kind: 'direct' | 'group' | 'room'
  /** Aborted to end the stream. */
  life: AbortController
  /** The ids of all people with a stream of the conversation here. */
  readers: () => string[]
}
type Event = Exclude<Received, 'gap'>

const retryMs = 1500

/** Turns what a stream receives into what it sends, and reads from the database what it missed. */
export class StreamReader {
  readonly #source: Source
  readonly #inbox: Inbox
  #at: Position
  /** While it is behind, events of messages are left out, because the database is about to be read. */
  #isBehind = true
  /** What the reader knows to be the first message that is kept. */
  #firstSeq: number

  constructor(source: Source, inbox: Inbox, { firstSeq, ...from }: Position & { firstSeq: number }) {
    this.#source = source
    this.#inbox = inbox
    this.#at = from
    this.#firstSeq = firstSeq
  }

  /** Ends when the stream's life does, and the other way round. */
  async *items(): AsyncGenerator<StreamItem> {
    const { life } = this.#source
    try {
      for (let received = await this.#inbox.take(); received; received = await this.#inbox.take())
        yield* this.#handle(received)
    } finally {
      life.abort()
    }
  }

  async *#handle(received: Received | 'quiet'): AsyncGenerator<StreamItem> {
    if (received === 'quiet') yield { kind: 'quiet' }
    else if (received === 'gap') yield* this.#catchUp()
    else if (received.name === 'message.created')
      yield* this.#handleCreated(received.data as Events['message.created'])
    else if (received.name === 'message.changed') yield* this.#handleChanged(received.data as MessageChanged)
    else if (received.name === 'conversation.touched') yield* this.#handleTouched(received.data as Touched)
    else if (this.#source.kind === 'room') yield* this.#handleMember(received)
  }

  async *#handleCreated(event: Events['message.created']) {
    if (this.#isBehind) return
    const at = afterCreated(this.#at, event)
    if (!at) yield* this.#catchUp()
    else if (at !== this.#at) {
      this.#at = at
      yield { kind: 'message' as const, message: createdMessage(event, this.#source.user.id), at }
    }
  }

  async *#handleChanged(event: MessageChanged) {
    if (this.#isBehind) return
    const { message, conversationVersion } = event
    const at = afterChanged(this.#at, { seq: message.seq, conversationVersion })
    if (at === this.#at) return
    const own = at && (await this.#readChange(event))
    if (!own) return yield* this.#catchUp()
    this.#at = at
    yield { kind: 'changed' as const, ...own, at }
  }

  async *#handleTouched({ firstSeq, version }: Touched) {
    if (this.#isBehind || !firstSeq || !version) return
    const at = afterExpired(this.#at, { firstSeq, version })
    if (!at) yield* this.#catchUp()
    else if (at !== this.#at) yield this.#expire(firstSeq, at)
  }

  #expire(firstSeq: number, at: Position) {
    this.#at = at
    this.#firstSeq = firstSeq
    return { kind: 'expired' as const, conversationId: this.#source.conversationId, firstSeq, at }
  }

  /** Undefined if the database failed. */
  async #readChange(event: MessageChanged) {
    try {
      return await readChange(event, this.#source.user.id, this.#source.readers)
    } catch (error) {
      logError('stream.change', error)
    }
  }

  async *#handleMember({ name, data }: Event): AsyncGenerator<StreamItem> {
    if (name !== 'member.joined' && name !== 'member.left') return
    const { id, username, name: fullName } = data as Events['member.joined']
    const kind = name === 'member.joined' ? 'joined' : 'left'
    if (id !== this.#source.user.id) yield { kind, person: { id, username, name: fullName } }
    // The attendance expired although this stream is open.
    else if (kind === 'left') await this.#rejoin()
  }

  /** Ends the stream if the person may not join again. */
  async #rejoin() {
    const { user, conversationId, life } = this.#source
    try {
      await enterRoom(user, conversationId)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      life.abort()
    }
  }

  /** Sends everything that was missed, one page after another. */
  async *#catchUp(): AsyncGenerator<StreamItem> {
    this.#isBehind = true
    while (this.#isBehind && !this.#source.life.signal.aborted) {
      const updates = await this.#readMissed()
      if (!updates) return
      const { firstSeq } = updates
      const { seq, version } = this.#at
      if (firstSeq > this.#firstSeq)
        yield this.#expire(firstSeq, { seq: Math.max(seq, firstSeq - 1), version })
      for (const { kind, message, at } of stepsOf(this.#at.seq, updates)) {
        this.#at = at
        yield kind === 'message'
          ? { kind, message, at }
          : { kind, message, at, changes: changesShownBy(message) }
      }
      this.#at = { ...this.#at, version: updates.version }
      this.#isBehind = updates.more
    }
  }

  /**
   * Undefined if the database failed: then the stream stays open, and tries again a little later. Ends the stream if
   * the person may no longer read the conversation: they have left, and the event was lost.
   */
  async #readMissed() {
    const { user, conversationId, life } = this.#source
    const { seq: after, version: since } = this.#at
    try {
      return await listMessages(user, conversationId, { after, since, limit: pageSize })
    } catch (error) {
      if (error instanceof Refusal) return life.abort()
      logError('stream.read', error)
      setTimeout(() => this.#inbox.put('gap'), retryMs).unref()
    }
  }
}
