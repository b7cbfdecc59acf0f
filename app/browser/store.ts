import type { Realtime } from '@/lib/realtime/client'
import type { EventName, Events } from '@/lib/realtime/events'
import type { ConversationView, Status } from '@/lib/views'
import {
  addOverview,
  addStatuses,
  applyEvent,
  emptyState,
  markRead,
  type Overview,
  replaceOverview,
  type State,
  type StoreEvent,
} from './state'

/** What `GET /overview` answers. */
type Answer = Overview & {
  userId: string
  loginSessionId: string
  open: ConversationView | null
  people: Status[]
}

export const nothingShown = { conversationId: '', people: [] as string[] }
const waitForOthersMs = 100
const tryAgainMs = 4000

/** The state of an open page. It is seeded by the server's render, and changed by events. */
export class Store {
  readonly initial: State
  /** What the open page shows besides the lists: kept up to date with them. */
  shown = nothingShown
  /** Up to which `seq` each conversation was read on this page, by its id. */
  readonly readHere = new Map<string, number>()
  /** Called after each answer of the server. */
  onUpdated = () => {}
  /** Called when the login session is over, or is another person's by now. */
  onSignedOut = () => {}
  #state: State
  readonly #listeners = new Set<() => void>()
  /** Events that came while an overview was on its way: it may or may not have them. */
  #meanwhile: StoreEvent[] = []
  #planned?: ReturnType<typeof setTimeout>
  #isUpdating = false
  /** Whether another update was asked for since the one under way began: its answer may be from before. */
  #isStale = false

  constructor(
    readonly userId: string,
    readonly realtime: Realtime,
    seed: Overview,
  ) {
    this.initial = addOverview(emptyState(userId), seed)
    this.#state = this.initial
  }

  get state() {
    return this.#state
  }

  /** @returns a function that ends it */
  subscribe = (listener: () => void) => {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  receive<Name extends EventName>(name: Name, data: Events[Name]) {
    const event = { name, data, at: new Date().toISOString() } as StoreEvent
    if (this.#isUpdating) this.#meanwhile.push(event)
    this.#set(applyEvent(this.#state, event))
    if (name === 'conversation.touched') this.#updateIfMissed(data as Events['conversation.touched'])
  }

  /**
   * A conversation that is not known began in an event that was lost. And a person who is told to have left the room
   * that the page shows may have joined it again meanwhile.
   */
  #updateIfMissed({ conversationId, hasLeft }: Events['conversation.touched']) {
    const isOpen = conversationId === this.shown.conversationId
    if (hasLeft ? isOpen : !this.#state.conversations[conversationId]) this.update()
  }

  /** Adds what the server rendered. */
  add(overview: Partial<Overview>) {
    this.#set(addOverview(this.#state, overview))
  }

  markRead(conversationId: string, seq: number) {
    this.readHere.set(conversationId, seq)
    this.#set(markRead(this.#state, conversationId, seq))
  }

  /** Brings everything up to date with one request, soon: what was missed in a break is in its answer. */
  update(waitMs = waitForOthersMs) {
    this.#isStale = true
    this.#planned ??= setTimeout(async () => {
      this.#isStale = false
      const isWhole = await this.#update()
      this.#planned = undefined
      if (!isWhole) this.update(tryAgainMs)
      else if (this.#isStale) this.update()
    }, waitMs)
  }

  async #update() {
    const { conversationId, people } = this.shown
    this.#isUpdating = true
    this.#meanwhile = []
    try {
      const query = new URLSearchParams({ open: conversationId, people: people.join() })
      const answer = await fetch(`/overview?${query}`, { signal: AbortSignal.timeout(tryAgainMs) })
      if (!answer.ok) return false
      const found: Answer | { isSignedOut: true } = await answer.json()
      if ('isSignedOut' in found || !this.#isMine(found)) this.onSignedOut()
      else this.#replace(found)
      return true
    } catch {
      return false
    } finally {
      this.#isUpdating = false
    }
  }

  #isMine = ({ userId, loginSessionId }: Answer) =>
    userId === this.userId && loginSessionId === this.realtime.loginSessionId

  #replace({ open, people, ...overview }: Answer) {
    let state = replaceOverview(this.#state, overview)
    if (open) state = addOverview(state, { conversations: [open] })
    this.#set(this.#meanwhile.reduce(applyEvent, addStatuses(state, people)))
    this.onUpdated()
  }

  #set(state: State) {
    if (state === this.#state) return
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
