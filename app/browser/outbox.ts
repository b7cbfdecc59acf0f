import { nanoid } from 'nanoid'
import type { Message } from '@/lib/views'
import { browserStorage, outboxPrefix } from './browser-storage'

/** A message that was sent from this browser and is not known to be stored. */
export type Entry = {
  /** Makes it the same message however often it is sent. */
  nonce: string
  conversationId: string
  /** The page it was written on: `/c/<id>`, or `/room/<name>`, which sending joins. */
  path: string
  body: string
  /** When it was written, in ms since 1970. */
  at: number
  /** Why it was refused for good. */
  refusal?: string
}
export type Pending = Entry & {
  /** What its conversation waits for; empty where it is only that the site was not reached. */
  holdUp?: string
  /** Whether it was written on this page, since it was loaded. */
  isFresh: boolean
}
type Listener = (entries: Pending[], stored?: Message) => void

/** What came of sending; without any of these it may go well later. */
export type Outcome = {
  stored?: Message
  refusal?: string
  isSignedOut?: boolean
  holdUp?: string
  waitMs?: number
}

const pausesMs = [1000, 2000, 4000, 8000, 15_000]
const patienceMs = 20_000
/** What another tab has just sent is its to deliver; unless it was closed. */
const leaveToOthersMs = 5000

const storage = () => browserStorage('localStorage')
const outboxes = new Map<string, Outbox>()

/** The person's outbox in this browser. */
export function outboxOf(userId: string) {
  const outbox = outboxes.get(userId) ?? new Outbox(userId)
  outboxes.set(userId, outbox)
  return outbox
}

/**
 * Keeps what was sent until it is known to be stored, over reloads and later visits, and sends it: one
 * after another in the order of writing, again and again until there is an answer. Another tab has the
 * same entries: each is a key of its own, so that no tab undoes what another does.
 */
class Outbox {
  onSignedOut = () => {}
  readonly #userId: string
  readonly #prefix: string
  readonly #listeners = new Set<Listener>()
  /** Entries that the browser does not keep. */
  readonly #unkept = new Map<string, Entry>()
  readonly #fresh = new Set<string>()
  /** Why conversations wait, by their id. */
  readonly #holdUps = new Map<string, string>()
  #isSending = false
  #failures = 0
  #timer?: ReturnType<typeof setTimeout>
  /** Until when the site asked to wait, in ms since 1970, and its reason. */
  #pause = { until: 0, reason: '' }

  constructor(userId: string) {
    this.#userId = userId
    this.#prefix = outboxPrefix(userId)
    addEventListener('online', () => this.flush())
    addEventListener('storage', ({ key }) => key?.startsWith(this.#prefix) && this.#onOtherTab())
  }

  /** In the order in which they were written. */
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

  /** The listener is told at once, and of each change. @returns what ends it */
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
    this.#tell()
    this.flush()
  }

  /** It is stored, or no longer wanted. */
  remove(nonce: string) {
    this.#unkept.delete(nonce)
    storage().remove(this.#prefix + nonce)
    this.#tell()
  }

  /** Sends what there is, unless that is under way, or the site asked to wait. */
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
    // A conversation's later messages do not overtake the one that could not be sent.
    const held = new Set<string>()
    const next = () => this.entries.find((entry) => isDue(entry) && !held.has(entry.conversationId))
    for (let entry = next(); entry; entry = next()) {
      const { conversationId } = entry
      const { stored, refusal, isSignedOut, holdUp = '', waitMs } = await post(entry, this.#userId)
      if (stored || refusal !== undefined) {
        this.#failures = 0
        this.#holdUps.delete(conversationId)
        if (!stored) this.#keep({ ...entry, refusal })
        this.#tell(stored)
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
    this.#tell()
  }

  #flushIn(ms: number) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.flush(), ms)
  }

  #onOtherTab() {
    this.#tell()
    if (!this.#isSending) this.#timer ??= setTimeout(() => this.flush(), leaveToOthersMs)
  }

  #keep({ nonce, conversationId, path, body, at, refusal }: Entry) {
    const entry: Entry = { nonce, conversationId, path, body, at, refusal }
    const isKept = storage().set(this.#prefix + nonce, JSON.stringify(entry))
    if (isKept) this.#unkept.delete(nonce)
    else this.#unkept.set(nonce, entry)
  }

  #tell(stored?: Message) {
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

/** One tab at a time, where the browser can see to that, or soon enough; else the nonce alone prevents doubles. */
async function alone(name: string, work: () => Promise<void>) {
  let hasBegun = false
  const begin = () => {
    hasBegun = true
    return work()
  }
  // Missing on plain http, other than on one's own machine. A tab that the browser put to sleep may hold it.
  await navigator.locks
    ?.request(name, { signal: AbortSignal.timeout(patienceMs) }, begin)
    .catch((error) => console.error(error))
  if (!hasBegun) await begin()
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
    // Not reached, or answered by something between here and the site.
    return {}
  }
}
