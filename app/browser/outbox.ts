import { nanoid } from 'nanoid'
import type { Message } from '@/lib/views'
import { browserStorage, outboxPrefix } from './browser-storage'

/** A change of a stored message. `version` is that of the copy whose text was edited. */
export type Change =
  | { what: 'edit'; seq: number; body: string; version: number }
  | { what: 'delete'; seq: number }
  | { what: 'react'; seq: number; emoji: string; added: boolean }

/** A message that was sent in this browser and may not be stored yet, or a change of a stored one. */
export type Entry = {
  /** Makes repeated sends the same message. */
  nonce: string
  conversationId: string
  /** The page it was written on: `/c/<id>`, or `/room/<name>`, which sending joins. */
  path: string
  /** Empty for a change. */
  body: string
  change?: Change
  /** Whether the text was edited after it was sent, which may be too late for the message. */
  isEdited?: boolean
  /** The `seq` of the message that it answers. */
  replyTo?: number
  /** When it was sent, in ms since 1970. */
  at: number
  /** Why it was refused. It is not sent again. */
  refusal?: string
}
export type Pending = Entry & {
  /** Why it is waiting; empty if the site could not be reached. */
  holdUp?: string
  /** Whether it was sent on this page since the page was loaded. */
  isFresh: boolean
}
type Listener = (entries: Pending[], stored?: Message) => void

/** The result of sending. If none is set, sending is retried. */
export type Outcome = {
  /** The message as it is now. */
  stored?: Message
  refusal?: string
  isSignedOut?: boolean
  holdUp?: string
  waitMs?: number
}

const pausesMs = [1000, 2000, 4000, 8000, 15_000]
const patienceMs = 20_000
/** How long another tab's message is left to that tab, which may be closed. */
const leaveToOthersMs = 5000

const storage = () => browserStorage('localStorage')
const outboxes = new Map<string, Outbox>()

/** The person's outbox on this page. */
export function outboxOf(userId: string) {
  const outbox = outboxes.get(userId) ?? new Outbox(userId)
  outboxes.set(userId, outbox)
  return outbox
}

/**
 * Keeps sent messages, and changes of stored ones, in the browser until they are stored, through reloads and later
 * visits. Sends them one after another in the order of writing, and retries until there is an answer. All tabs share the
 * entries. Each entry has its own key, so that tabs don't overwrite each other's changes.
 */
class Outbox {
  onSignedOut = () => {}
  readonly #userId: string
  readonly #prefix: string
  readonly #listeners = new Set<Listener>()
  /** Entries that could not be stored in the browser. */
  readonly #unkept = new Map<string, Entry>()
  readonly #fresh = new Set<string>()
  /** The entry whose answer this tab is waiting for, and whether it was discarded meanwhile. */
  #posted?: { nonce: string; isDiscarded: boolean }
  /** Why messages of a conversation are waiting, by its id. */
  readonly #holdUps = new Map<string, string>()
  #isSending = false
  #failures = 0
  #timer?: ReturnType<typeof setTimeout>
  /** When the site accepts messages again, in ms since 1970, and the reason it gave. */
  #pause = { until: 0, reason: '' }

  constructor(userId: string) {
    this.#userId = userId
    this.#prefix = outboxPrefix(userId)
    addEventListener('online', () => this.flush())
    addEventListener('storage', ({ key }) => key?.startsWith(this.#prefix) && this.#onOtherTab())
  }

  /** All entries, in the order in which they were written. */
  get entries(): Pending[] {
    const kept = storage()
      .keys(this.#prefix)
      .flatMap((key) => parse(storage().get(key)) ?? [])
    return [...kept, ...this.#unkept.values()]
      .sort((one, other) => one.at - other.at)
      .map((entry) => ({
        ...entry,
        holdUp: this.#holdUps.get(entry.conversationId),
        isFresh: this.#fresh.has(entry.nonce),
      }))
  }

  /** Calls the listener at once and after each change. @returns a function that stops it */
  listen(listener: Listener) {
    this.#listeners.add(listener)
    listener(this.entries)
    return () => void this.#listeners.delete(listener)
  }

  /** Changes a stored message. */
  change(made: Pick<Entry, 'conversationId' | 'path'> & { change: Change }) {
    this.add({ ...made, body: '' })
  }

  add(written: Pick<Entry, 'conversationId' | 'path' | 'body' | 'replyTo' | 'change'>) {
    const last = this.entries.at(-1)?.at ?? 0
    const entry = { ...written, nonce: nanoid(), at: Math.max(Date.now(), last + 1) }
    this.#fresh.add(entry.nonce)
    this.#keep(entry)
    this.#notify()
    this.flush()
  }

  /**
   * Replaces the text of an entry. If its message was stored meanwhile, the nonce prevents a second one, and `settle`
   * edits it. `version` is the one that a refused edit is based on now.
   */
  edit(entry: Entry, body: string, version?: number) {
    const { change } = entry
    const isEdit = change?.what === 'edit'
    const edited = isEdit
      ? { change: { ...change, body, version: version ?? change.version } }
      : { body, isEdited: true }
    this.#keep({ ...entry, ...edited, refusal: undefined })
    this.#notify()
    this.flush()
  }

  /** Removes an entry that should not be sent. If its message is just being stored, it is deleted afterwards. */
  discard(nonce: string) {
    if (this.#posted?.nonce === nonce) this.#posted.isDiscarded = true
    this.remove(nonce)
  }

  /** Removes the entry of a stored message. If its text was edited too late for that, the message is edited. */
  settle(nonce: string, { seq, body }: Message) {
    const entry = this.#find(nonce)
    this.remove(nonce)
    if (entry?.isEdited && !entry.change && entry.body !== body)
      this.change({ ...entry, change: { what: 'edit', seq, body: entry.body, version: 0 } })
  }

  #find = (nonce: string) => this.entries.find((entry) => entry.nonce === nonce)

  /** Removes an entry that was sent or discarded. */
  remove(nonce: string) {
    this.#unkept.delete(nonce)
    storage().remove(this.#prefix + nonce)
    this.#notify()
  }

  /** Sends all entries, unless this tab is doing so already or the site asked to wait. */
  async flush() {
    const due = this.entries.filter(isDue)
    if (this.#isSending || !due.length) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (Date.now() < this.#pause.until) return this.#waitForSite(due)
    this.#isSending = true
    await alone(this.#prefix, () => this.#sendAll().finally(() => (this.#isSending = false)))
  }

  async #sendAll() {
    // Later messages of a conversation must not overtake one that could not be sent.
    const held = new Set<string>()
    const next = () => this.entries.find((entry) => isDue(entry) && !held.has(entry.conversationId))
    for (let entry = next(); entry; entry = next()) {
      const { conversationId, nonce } = entry
      const posted = { nonce, isDiscarded: false }
      this.#posted = posted
      const { stored, refusal, isSignedOut, holdUp = '', waitMs } = await post(entry, this.#userId)
      if (stored || refusal !== undefined) {
        this.#failures = 0
        this.#holdUps.delete(conversationId)
        if (!stored) this.#refuse(nonce, refusal)
        this.#notify(stored)
        if (stored) this.#finish(entry, stored, posted.isDiscarded)
        continue
      }
      held.add(conversationId)
      this.#hold(conversationId, holdUp)
      if (isSignedOut) return this.onSignedOut()
      if (waitMs) {
        this.#pause = { until: Date.now() + waitMs, reason: holdUp }
        return this.#waitForSite(this.entries.filter(isDue))
      }
    }
    if (held.size) this.#flushIn(pausesMs[Math.min(this.#failures++, pausesMs.length - 1)] ?? 0)
  }

  /** The entry may have been edited or discarded meanwhile, here or in another tab. */
  #refuse(nonce: string, refusal: string | undefined) {
    const entry = this.#find(nonce)
    if (entry) this.#keep({ ...entry, refusal })
  }

  #finish(entry: Entry, stored: Message, isDiscarded: boolean) {
    const { conversationId, path, change, nonce } = entry
    const { seq, version } = stored
    this.settle(nonce, stored)
    if (isDiscarded && !change) this.change({ conversationId, path, change: { what: 'delete', seq } })
    if (change?.what !== 'edit') return
    // Later edits of the same text were made after this one, so they don't conflict with it.
    for (const later of this.entries)
      if (
        later.conversationId === conversationId &&
        later.change?.what === 'edit' &&
        later.change.seq === seq
      )
        this.#keep({ ...later, change: { ...later.change, version } })
  }

  #waitForSite(entries: Entry[]) {
    for (const { conversationId } of entries) this.#hold(conversationId, this.#pause.reason)
    this.#flushIn(this.#pause.until - Date.now())
  }

  #hold(conversationId: string, reason: string) {
    this.#holdUps.set(conversationId, reason)
    this.#notify()
  }

  #flushIn(ms: number) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.flush(), ms)
  }

  #onOtherTab() {
    this.#notify()
    if (!this.#isSending) this.#timer ??= setTimeout(() => this.flush(), leaveToOthersMs)
  }

  #keep({ nonce, conversationId, path, body, replyTo, change, isEdited, at, refusal }: Entry) {
    const entry: Entry = { nonce, conversationId, path, body, replyTo, change, isEdited, at, refusal }
    const isKept = storage().set(this.#prefix + nonce, JSON.stringify(entry))
    if (isKept) this.#unkept.delete(nonce)
    else this.#unkept.set(nonce, entry)
  }

  #notify(stored?: Message) {
    const { entries } = this
    for (const listener of this.#listeners) listener(entries, stored)
  }
}

const isDue = ({ refusal }: Entry) => refusal === undefined

function parse(text: string | undefined): Entry | undefined {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

/**
 * Runs `work` in one tab at a time if the browser supports locks and the lock is free soon. Otherwise the nonce alone
 * prevents repeated messages.
 */
async function alone(name: string, work: () => Promise<void>) {
  let hasStarted = false
  const start = () => {
    hasStarted = true
    return work()
  }
  // Locks are missing on plain http, except on localhost. A suspended tab may hold the lock.
  await navigator.locks
    ?.request(name, { signal: AbortSignal.timeout(patienceMs) }, start)
    .catch((error) => console.error(error))
  if (!hasStarted) await start()
}

async function post({ path, body, nonce, replyTo, change }: Entry, userId: string): Promise<Outcome> {
  try {
    const answer = await fetch(`${path}/${change ? 'changes' : 'messages'}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'parley-user': userId },
      body: JSON.stringify(change ?? { body, nonce, replyTo }),
      signal: AbortSignal.timeout(patienceMs),
    })
    return answer.ok ? await answer.json() : {}
  } catch {
    // The site was not reached, or a proxy answered.
    return {}
  }
}
