import type { Realtime } from '@/lib/realtime/client'
import type { EventName, Events } from '@/lib/realtime/events'
import type { ConversationView, Status } from '@/lib/views'
import {
  addConversations,
  addOverview,
  addPage,
  addStatuses,
  applyEvent,
  emptyState,
  type ListPage,
  markRead,
  type Overview,
  replaceOverview,
  type State,
  type StoreEvent,
} from './state'

/** An answer of `GET /overview`. */
type Answer = { userId: string; loginSessionId: string }
type Update = Overview & {
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
  #isLoadingMore = false
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
   * If the conversation of a message is not loaded, it is among the latest now, which an update loads. If the person has
   * left the room that the page shows, they may have joined it again.
   */
  #updateIfMissed({ conversationId, newest, lastReadSeq, hasLeft }: Events['conversation.touched']) {
    const { conversations, unread } = this.#state
    const isOpen = conversationId === this.shown.conversationId
    const isCounted = lastReadSeq !== undefined && conversationId in unread
    const isMissing = !conversations[conversationId] && (newest !== undefined || isCounted)
    if (hasLeft ? isOpen : isMissing) this.update()
  }

  /** Adds what the server has rendered. */
  add(overview: Overview) {
    this.#set(addOverview(this.#state, overview))
  }

  addConversation(rendered: ConversationView) {
    this.#set(addConversations(this.#state, [rendered]))
  }

  markRead(conversationId: string, read: { seq: number; said: number }) {
    this.readHere.set(conversationId, read.seq)
    this.#set(markRead(this.#state, conversationId, read))
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
      const found = await this.#load<Update>({ open: conversationId, people: people.join() })
      if (found) this.#replace(found)
      return true
    } catch {
      return false
    } finally {
      this.#isUpdating = false
    }
  }

  /** Loads the next page of the list. */
  async loadMore() {
    const cursor = this.#state.nextCursor
    if (!cursor || this.#isLoadingMore) return
    this.#isLoadingMore = true
    try {
      const found = await this.#load<ListPage>({ cursor })
      if (found) this.#set(addPage(this.#state, cursor, found))
    } finally {
      this.#isLoadingMore = false
    }
  }

  /** @returns undefined if the login session has ended */
  async #load<Found>(query: Record<string, string>) {
    const answer = await fetch(`/overview?${new URLSearchParams(query)}`, {
      signal: AbortSignal.timeout(retryMs),
    })
    if (!answer.ok) throw new Error(`The overview was not loaded: ${answer.status}.`)
    const found: (Answer & Found) | { isSignedOut: true } = await answer.json()
    if (!('isSignedOut' in found) && this.#isMine(found)) return found
    this.onSignedOut()
  }

  #isMine = ({ userId, loginSessionId }: Answer) =>
    userId === this.userId && loginSessionId === this.realtime.loginSessionId

  #replace({ open, people, ...overview }: Update) {
    let state = replaceOverview(this.#state, overview)
    if (open) state = addConversations(state, [open])
    this.#set(this.#meanwhile.reduce(applyEvent, addStatuses(state, people)))
    // The answer may have removed one that moved to the top meanwhile.
    for (const { name, data } of this.#meanwhile)
      if (name === 'conversation.touched') this.#updateIfMissed(data)
    this.onUpdated()
  }

  #set(state: State) {
    if (state === this.#state) return
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}
