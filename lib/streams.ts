import 'server-only'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { processState } from '@/db/process-state'
import { loginSessions } from '@/db/schema'
import { enterRoom, keepAttending } from './attendance'
import type { CurrentUser } from './current-user'
import { Refusal } from './errors'
import { logError } from './log'
import { listMessages } from './messages'
import { countStream } from './metrics'
import { noteConnected } from './presence'
import { conversationChannel } from './realtime/channels'
import type { Events } from './realtime/events'
import { type Heard, listen, listening } from './realtime/subscribe'
import { leavePlace, renewPlaces, takePlace } from './stream-places'
import type { Message, Person } from './views'

export type StreamItem =
  | { kind: 'message'; message: Message }
  | { kind: 'joined' | 'left'; person: Person }
  /** Nothing happened for a while: whoever is on the way must not take the stream for dead. */
  | { kind: 'quiet' }

type Stream = {
  user: CurrentUser
  conversationId: string
  /** Whatever ends the stream aborts this. */
  life: AbortController
  /** Where it is counted; undefined if the limits are off. */
  place?: string
}

const quietMs = 15_000
// Both are small, because a stream holds a page and its inbox for as long as its reader does not read.
const pageSize = 10
const inboxSize = 32
const askAgainMs = 1500
/** Within what presence, rooms and the limit count a connection for. */
const tellEveryMs = 2500

/**
 * Opens a stream of a conversation from `after` on: what is in the database, then each message as it is committed,
 * with nothing missed or doubled in between; and the people who come and go. It holds no database connection while
 * it waits. It ends when `life` is aborted, and aborts `life` when it ends by itself: with the login session, when
 * the person leaves, or when this process stops.
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
  const unlisten = listen(channel, (heard) => {
    // Not only when it is read, because the reader may have stopped reading.
    if (isLeavingByChoice(heard, user)) life.abort()
    else inbox.put(heard)
  })
  onAbort(life.signal, unlisten)
  // Messages of the meantime are read from the database, but nothing there says who came or left.
  await listening(channel)
  return readStream(stream, inbox, after)
}

function isLeavingByChoice(heard: Heard, user: CurrentUser) {
  if (heard === 'ask' || heard.name !== 'member.left') return false
  const { id, byChoice } = heard.data as Events['member.left']
  return byChoice && id === user.id
}

async function* readStream(
  { user, conversationId, life }: Stream,
  inbox: Inbox,
  after: number,
): AsyncGenerator<StreamItem> {
  let last = after
  let mustAsk = true
  try {
    while (!life.signal.aborted) {
      if (mustAsk) {
        const messages = await readAfter(user, conversationId, last, () => inbox.put('ask'))
        // They left, and the event that says so was lost.
        if (!messages) return
        mustAsk = messages.length === pageSize
        for (const message of messages) {
          last = message.seq
          yield { kind: 'message', message }
        }
        if (mustAsk) continue
      }
      const heard = await inbox.take()
      if (heard === 'quiet') yield { kind: 'quiet' }
      else if (heard === 'ask') mustAsk = true
      else if (heard?.name === 'message.created') {
        const message = heard.data as Message
        // Older: it was read already. Newer than the next: one was missed.
        if (message.seq === last + 1) {
          last = message.seq
          yield { kind: 'message', message }
        } else mustAsk = message.seq > last
      } else if (heard?.name === 'member.joined') {
        const person = personOf(heard.data as Events['member.joined'])
        // The reader knows that they came themselves.
        if (person.id !== user.id) yield { kind: 'joined', person }
      } else if (heard?.name === 'member.left') {
        const person = personOf(heard.data as Events['member.left'])
        if (person.id !== user.id) yield { kind: 'left', person }
        // This stream was not seen for a while, but it is still open.
        else if (!(await comeBack(user, conversationId))) return
      }
    }
  } finally {
    life.abort()
  }
}

/** Joins again. @returns whether that was allowed */
async function comeBack(user: CurrentUser, conversationId: string) {
  try {
    await enterRoom(user, conversationId)
    return true
  } catch (error) {
    if (error instanceof Refusal) return false
    throw error
  }
}

const personOf = ({ id, username, name }: Person): Person => ({ id, username, name })

/** Ends every stream of this process, because it is about to stop. */
export function endStreams() {
  state.isStopping = true
  for (const { life } of state.open) life.abort()
}

/** Calls `act` when the signal is aborted, or now if it already is. */
export function onAbort(signal: AbortSignal, act: () => void) {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
}

/**
 * The next messages; nothing where this person may no longer read them. Where the database does not answer,
 * none for now, and `askAgain` a little later: the stream outlives that.
 */
async function readAfter(user: CurrentUser, conversationId: string, after: number, askAgain: () => void) {
  try {
    return await listMessages(user, conversationId, { after, limit: pageSize })
  } catch (error) {
    if (error instanceof Refusal) return undefined
    logError('stream.read', error)
    setTimeout(askAgain, askAgainMs).unref()
    return []
  }
}

/** What a stream has received and not yet handled. */
class Inbox {
  #heard: Heard[] = []
  #wake = () => {}
  readonly #signal: AbortSignal

  constructor(signal: AbortSignal) {
    this.#signal = signal
    onAbort(signal, () => this.#wake())
  }

  put = (heard: Heard) => {
    // Full, because the reader is slow: the database has all of it, and is asked when the reader goes on.
    if (this.#heard.length >= inboxSize) this.#heard = ['ask']
    else {
      // One question answers all that came before it.
      if (heard === 'ask') this.#heard = this.#heard.filter((one) => one !== 'ask')
      this.#heard.push(heard)
    }
    this.#wake()
  }

  /** The next thing received, `quiet` after a while without any, undefined at the end. */
  async take(): Promise<Heard | 'quiet' | undefined> {
    if (!this.#heard.length && !this.#signal.aborted) {
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        this.#wake = resolve
        timer = setTimeout(resolve, quietMs)
      })
      clearTimeout(timer)
    }
    return this.#signal.aborted ? undefined : (this.#heard.shift() ?? 'quiet')
  }
}

type State = { open: Set<Stream>; telling?: NodeJS.Timeout; isStopping?: boolean }

const state = processState('streams', (): State => ({ open: new Set() }))

function register(stream: Stream) {
  const { life, place } = stream
  state.open.add(stream)
  countStream(1)
  tellNow()
  onAbort(life.signal, () => {
    state.open.delete(stream)
    countStream(-1)
    if (place) leavePlace(place).catch((error) => logError('streams.leave', error))
  })
  // It was opened while the process stops, and would hold that up.
  if (state.isStopping) life.abort()
}

/** Keeps the people with open streams online and in their rooms, and ends the streams of ended login sessions. */
function tellNow() {
  if (state.telling) return
  state.telling = setTimeout(async () => {
    state.telling = undefined
    const work = [tellPresence(), endRevoked(), renewPlaces(placesOf(state.open))]
    await Promise.all(work).catch((error) => logError('streams.tell', error))
    if (state.open.size) tellNow()
  }, tellEveryMs)
}

const placesOf = (streams: Iterable<Stream>) => [...streams].flatMap(({ place }) => place ?? [])

async function tellPresence() {
  await noteConnected([...new Set([...state.open].map(({ user }) => user.id))])
  await keepAttending(
    [...state.open].map(({ user, conversationId }) => ({ conversationId, userId: user.id })),
  )
}

async function endRevoked() {
  // Those that open while the database is asked are not among these.
  const looked = [...state.open]
  const ids = [...new Set(looked.map(({ user }) => user.loginSessionId))]
  if (!ids.length) return
  const rows = await database()
    .select({ id: loginSessions.id })
    .from(loginSessions)
    .where(sql`${loginSessions.id} = any(${sql.param(ids)}::uuid[])`)
  const alive = new Set(rows.map(({ id }) => id))
  for (const stream of looked) if (!alive.has(stream.user.loginSessionId)) stream.life.abort()
}
