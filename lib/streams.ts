import 'server-only'
import { database } from '@/db/connection'
import { isAmong } from '@/db/is-among'
import { processState } from '@/db/process-state'
import { loginSessions } from '@/db/schema'
import { enterRoom, keepAttending } from './attendance'
import type { CurrentUser } from './current-user'
import { Refusal } from './errors'
import { listMessages } from './history'
import { logError } from './log'
import { countStream } from './metrics'
import { noteSeen } from './presence'
import { conversationChannel } from './realtime/channels'
import type { Events } from './realtime/events'
import { createdMessage } from './realtime/own-copy'
import { type Received, subscribe, subscribed } from './realtime/subscribe'
import { leavePlace, renewPlaces, takePlace } from './stream-places'
import type { Message, Person } from './views'

export type StreamItem =
  | { kind: 'message'; message: Message }
  | { kind: 'joined' | 'left'; person: Person }
  /** Nothing happened for a while: a sign of life, so that no proxy closes the stream as idle. */
  | { kind: 'quiet' }

type Stream = {
  user: CurrentUser
  conversationId: string
  /** Aborted to end the stream. */
  life: AbortController
  /** The id under which it is counted (stream-places.ts); undefined if the limits are off. */
  place?: string
}

const quietMs = 15_000
// Both are small, because a stream holds a page and its inbox in memory while its reader is stalled.
const pageSize = 10
const inboxSize = 32
const retryMs = 1500
/** Shorter than the times for which presence, attendance and stream places stay valid. */
const refreshEveryMs = 2500

/**
 * Opens a stream of a conversation: the messages after `after` from the database, then each message as it is
 * committed, without gaps or repeats, and the people who join and leave. It holds no database connection while it
 * waits. It ends when `life` is aborted, and aborts `life` when it ends for another reason: the login session has
 * ended, the person has left, or this process stops.
 * @throws {Refusal} 429 if too many are open
 */
export async function openStream(
  user: CurrentUser,
  conversationId: string,
  { after, life }: { after: number; life: AbortController },
): Promise<AsyncGenerator<StreamItem>> {
  const stream = { user, conversationId, life, place: await takePlace(user) }
  register(stream)
  const inbox = new Inbox(life.signal)
  const channel = conversationChannel(conversationId)
  const unsubscribe = subscribe(channel, (received) => {
    // Handled here and not when the inbox is read, because the reader may be stalled.
    if (isLeavingByChoice(received, user)) life.abort()
    else inbox.put(received)
  })
  onAbort(life.signal, unsubscribe)
  // Missed messages can be read from the database, but joins and leaves cannot.
  await subscribed(channel)
  return readStream(stream, inbox, after)
}

function isLeavingByChoice(received: Received, user: CurrentUser) {
  if (received === 'gap' || received.name !== 'member.left') return false
  const { id, byChoice } = received.data as Events['member.left']
  return byChoice && id === user.id
}

async function* readStream(
  { user, conversationId, life }: Stream,
  inbox: Inbox,
  after: number,
): AsyncGenerator<StreamItem> {
  let last = after
  let mustRead = true
  try {
    while (!life.signal.aborted) {
      if (mustRead) {
        const messages = await readAfter(user, conversationId, last, () => inbox.put('gap'))
        // They have left, and the event was lost.
        if (!messages) return
        mustRead = messages.length === pageSize
        for (const message of messages) {
          last = message.seq
          yield { kind: 'message', message }
        }
        if (mustRead) continue
      }
      const received = await inbox.take()
      if (received === 'quiet') yield { kind: 'quiet' }
      else if (received === 'gap') mustRead = true
      else if (received?.name === 'message.created') {
        const message = createdMessage(received.data as Events['message.created'], user.id)
        // An older message was sent already. A later one than the next means that some were missed.
        if (message.seq === last + 1) {
          last = message.seq
          yield { kind: 'message', message }
        } else mustRead = message.seq > last
      } else if (received?.name === 'member.joined') {
        const person = personOf(received.data as Events['member.joined'])
        if (person.id !== user.id) yield { kind: 'joined', person }
      } else if (received?.name === 'member.left') {
        const person = personOf(received.data as Events['member.left'])
        if (person.id !== user.id) yield { kind: 'left', person }
        // The attendance expired although this stream is open.
        else if (!(await rejoin(user, conversationId))) return
      }
    }
  } finally {
    life.abort()
  }
}

/** @returns false if the person may not join again */
async function rejoin(user: CurrentUser, conversationId: string) {
  try {
    await enterRoom(user, conversationId)
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

const personOf = ({ id, username, name }: Person): Person => ({ id, username, name })

/** Ends all streams of this process, which is about to stop. */
export function endStreams() {
  state.isStopping = true
  for (const { life } of state.open) life.abort()
}

/** Calls `act` when the signal is aborted, or now if it was aborted already. */
export function onAbort(signal: AbortSignal, act: () => void) {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
}

/**
 * The next messages; undefined if the person may no longer read them. If the database fails, an empty list: the stream
 * stays open, and `retry` is called a little later.
 */
async function readAfter(user: CurrentUser, conversationId: string, after: number, retry: () => void) {
  try {
    return (await listMessages(user, conversationId, { after, limit: pageSize })).messages
  } catch (error) {
    if (error instanceof Refusal) return undefined
    logError('stream.read', error)
    setTimeout(retry, retryMs).unref()
    return []
  }
}

/** What a stream has received and not handled yet. */
class Inbox {
  #items: Received[] = []
  #wake = () => {}
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    onAbort(signal, () => this.#wake())
  }

  put = (received: Received) => {
    // Full, because the reader is slow. It will read from the database instead.
    if (this.#items.length >= inboxSize) this.#items = ['gap']
    else {
      // One read of the database covers all earlier ones.
      if (received === 'gap') this.#items = this.#items.filter((one) => one !== 'gap')
      this.#items.push(received)
    }
    this.#wake()
  }

  /** The next item, `quiet` if there was none for a while, undefined at the end of the stream. */
  async take(): Promise<Received | 'quiet' | undefined> {
    if (!this.#items.length && !this.#signal.aborted) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        timer = setTimeout(resolve, quietMs)
      })
      clearTimeout(timer)
    }
    return this.#signal.aborted ? undefined : (this.#items.shift() ?? 'quiet')
  }
}

type State = { open: Set<Stream>; timer?: NodeJS.Timeout; isStopping?: boolean }

const state = processState('streams', (): State => ({ open: new Set() }))

function register(stream: Stream) {
  const { life, place } = stream
  state.open.add(stream)
  countStream(1)
  refreshSoon()
  onAbort(life.signal, () => {
    state.open.delete(stream)
    countStream(-1)
    if (place) leavePlace(place).catch((error) => logError('streams.leave', error))
  })
  // Opened while the process is stopping.
  if (state.isStopping) life.abort()
}

/** Keeps people with open streams online and in their rooms, and ends the streams of ended login sessions. */
function refreshSoon() {
  if (state.timer) return
  state.timer = setTimeout(async () => {
    state.timer = undefined
    const work = [refreshPresence(), endRevoked(), renewPlaces(placesOf(state.open))]
    await Promise.all(work).catch((error) => logError('streams.refresh', error))
    if (state.open.size) refreshSoon()
  }, refreshEveryMs)
}

const placesOf = (streams: Iterable<Stream>) => [...streams].flatMap(({ place }) => place ?? [])

async function refreshPresence() {
  await noteSeen([...new Set([...state.open].map(({ user }) => user.id))])
  await keepAttending(
    [...state.open].map(({ user, conversationId }) => ({ conversationId, userId: user.id })),
  )
}

async function endRevoked() {
  // Without streams that are opened during the query.
  const checked = [...state.open]
  const ids = [...new Set(checked.map(({ user }) => user.loginSessionId))]
  if (!ids.length) return
  const rows = await database()
    .select({ id: loginSessions.id })
    .from(loginSessions)
    .where(isAmong(loginSessions.id, ids))
  const alive = new Set(rows.map(({ id }) => id))
  for (const stream of checked) if (!alive.has(stream.user.loginSessionId)) stream.life.abort()
}
