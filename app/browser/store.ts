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

/** The answer of `GET /overview`. */
type Answer = Overview & {
  userId: string
  loginSessionId: string
  open: ConversationView | null
  people: Status[]
}

export const nothingShown = { conversationId: '', people: [] as string[] }
/** Updates requested within this time share one request. */
const collectMs = 100
const retryMs = 4000

/** The state of an open page. The server's render provides it, and events change it. */
export class Store {
  readonly initial: State
  /** The conversation and people that the page shows, which an update includes. */
  shown = nothingShown
  /** The highest `seq` read on this page, by conversation id. */
  readonly readHere = new Map<string, number>()
  /** Called after each update. */
  onUpdated = () => {}
  /** Called when the login session has ended, or the browser is logged in as somebody else. */
  onSignedOut = () => {}
  #state: State
  readonly #listeners = new Set<() => void>()
  /** Events received during an update, whose answer may not include them. */
  #meanwhile: StoreEvent[] = []
  #planned?: ReturnType<typeof setTimeout>
  #isUpdating = false
  /** Whether another update was requested since the current one began, whose answer may be older. */
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

  /** @returns a function that unsubscribes */
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
   * If the conversation is unknown, the event that created it was lost. If the person has left the room that the page
   * shows, they may have joined it again.
   */
  #updateIfMissed({ conversationId, hasLeft }: Events['conversation.touched']) {
    const isOpen = conversationId === this.shown.conversationId
    if (hasLeft ? isOpen : !this.#state.conversations[conversationId]) this.update()
  }

  /** Adds what the server has rendered. */
  add(overview: Partial<Overview>) {
    this.#set(addOverview(this.#state, overview))
  }

  markRead(conversationId: string, seq: number) {
    this.readHere.set(conversationId, seq)
    this.#set(markRead(this.#state, conversationId, seq))
  }

  /** Loads everything that the page may have missed, with one request shortly after the call. */
  update(waitMs = collectMs) {
    this.#isStale = true
    this.#planned ??= setTimeout(async () => {
      this.#isStale = false
      const isDone = await this.#update()
      this.#planned = undefined
      if (!isDone) this.update(retryMs)
      else if (this.#isStale) this.update()
    }, waitMs)
  }

  async #update() {
    const { conversationId, people } = this.shown
    this.#isUpdating = true
    this.#meanwhile = []
    try {
      const query = new URLSearchParams({ open: conversationId, people: people.join() })
      const answer = await fetch(`/overview?${query}`, { signal: AbortSignal.timeout(retryMs) })
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
