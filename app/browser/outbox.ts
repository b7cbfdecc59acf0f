import { nanoid } from 'nanoid'
import type { Message } from '@/lib/views'
import { browserStorage, outboxPrefix } from './browser-storage'

/** A message that was sent in this browser and may not be stored yet. */
export type Entry = {
  /** Makes repeated sends the same message. */
  nonce: string
  conversationId: string
  /** The page it was written on: `/c/<id>`, or `/room/<name>`, which sending joins. */
  path: string
  body: string
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
 * Keeps sent messages in the browser until they are stored, through reloads and later visits. Sends them one after
 * another in the order of writing, and retries until there is an answer. All tabs share the entries. Each entry has
 * its own key, so that tabs don't overwrite each other's changes.
 */
class Outbox {
  onSignedOut = () => {}
  readonly #userId: string
  readonly #prefix: string
  readonly #listeners = new Set<Listener>()
  /** Entries that could not be stored in the browser. */
  readonly #unkept = new Map<string, Entry>()
  readonly #fresh = new Set<string>()
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

  add(written: Pick<Entry, 'conversationId' | 'path' | 'body'>) {
    const last = this.entries.at(-1)?.at ?? 0
    const entry = { ...written, nonce: nanoid(), at: Math.max(Date.now(), last + 1) }
    this.#fresh.add(entry.nonce)
    this.#keep(entry)
    this.#notify()
    this.flush()
  }

  /** Removes a message that is stored or was discarded. */
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
      const { conversationId } = entry
      const { stored, refusal, isSignedOut, holdUp = '', waitMs } = await post(entry, this.#userId)
      if (stored || refusal !== undefined) {
        this.#failures = 0
        this.#holdUps.delete(conversationId)
        if (!stored) this.#keep({ ...entry, refusal })
        this.#notify(stored)
        if (stored) this.remove(entry.nonce)
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

  #keep({ nonce, conversationId, path, body, at, refusal }: Entry) {
    const entry: Entry = { nonce, conversationId, path, body, at, refusal }
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

async function post({ path, body, nonce }: Entry, userId: string): Promise<Outcome> {
  try {
    const answer = await fetch(`${path}/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'parley-user': userId },
      body: JSON.stringify({ body, nonce }),
      signal: AbortSignal.timeout(patienceMs),
    })
    return answer.ok ? await answer.json() : {}
  } catch {
    // The site was not reached, or a proxy answered.
    return {}
  }
}
