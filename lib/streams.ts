import 'server-only'
import { and } from 'drizzle-orm'
import { database } from '@/db/connection'
import { isAmong } from '@/db/is-among'
import { processState } from '@/db/process-state'
import { loginSessions, memberships } from '@/db/schema'
import { keepAttending } from './attendance'
import type { CurrentUser } from './current-user'
import { findConversation } from './history'
import { logError } from './log'
import { countStream } from './metrics'
import { onAbort } from './on-abort'
import { noteSeen } from './presence'
import { conversationChannel } from './realtime/channels'
import type { Events } from './realtime/events'
import { type Received, subscribe, subscribed } from './realtime/subscribe'
import { Inbox } from './stream-inbox'
import { leavePlace, renewPlaces, takePlace } from './stream-places'
import { type StreamItem, StreamReader } from './stream-reader'

type Stream = {
  user: CurrentUser
  conversationId: string
  kind: 'direct' | 'group' | 'room'
  /** Aborted to end the stream. */
  life: AbortController
  /** The id under which it is counted (stream-places.ts); undefined if the limits are off. */
  place?: string
}

/** How many older messages a stream begins with if the reader doesn't say after which. */
const olderMessages = 20
/** Shorter than the times for which presence, attendance and stream places stay valid. */
const refreshEveryMs = 2500

/** The last message that a reader has, and the version up to which they have its conversation's changes. */
type Start = { after?: number | null; since?: number | null; life: AbortController }

/**
 * Opens a stream of a conversation: the messages after `after` and the changes since `since` from the database, then
 * each message and change as it is committed, without gaps or repeats. In a room also the people who join and leave:
 * a group has notices. It holds no database connection while it waits. It ends when `life` is aborted, and aborts
 * `life` when it ends for another reason: the login session has ended, the person has left, or this process stops.
 * @throws {Refusal} 404 unless the person is in the conversation, 429 if too many are open
 */
export async function openStream(
  user: CurrentUser,
  conversationId: string,
  { after, since, life }: Start,
): Promise<AsyncGenerator<StreamItem>> {
  const { kind, lastSeq, version, firstSeq } = await findConversation(user, conversationId)
  const stream = { user, conversationId, kind, life, place: await takePlace(user) }
  register(stream)
  const inbox = new Inbox(life.signal)
  const channel = conversationChannel(conversationId)
  const unsubscribe = subscribe(channel, (received) => {
    // Handled here and not when the inbox is read, because the reader may be stalled.
    if (isEndFor(stream, received)) life.abort()
    else inbox.put(received)
  })
  onAbort(life.signal, unsubscribe)
  // Missed messages can be read from the database, but joins and leaves cannot.
  await subscribed(channel)
  inbox.put('gap')
  const seq = after ?? Math.max(0, lastSeq - olderMessages)
  const source = { ...stream, readers: () => readersOf(conversationId) }
  // A reader who comes back may have messages that expired meanwhile. Each time raised the version.
  const isBehind = after ? (since ?? 0) < version : false
  return new StreamReader(source, inbox, {
    seq,
    version: since ?? version,
    firstSeq: isBehind ? 1 : firstSeq,
  }).items()
}

const readersOf = (conversationId: string) =>
  [...state.open].filter((one) => one.conversationId === conversationId).map(({ user }) => user.id)

/** Whether the person has left. From a room only by choice, because an attendance may expire while a stream is open. */
function isEndFor({ user, kind }: Stream, received: Received) {
  if (received === 'gap' || received.name !== 'member.left') return false
  const { id, byChoice } = received.data as Events['member.left']
  return id === user.id && (byChoice || kind !== 'room')
}

/** Ends all streams of this process, which is about to stop. */
export function endStreams() {
  state.isStopping = true
  for (const { life } of state.open) life.abort()
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

/** Keeps people with open streams online and in their rooms, and ends the streams of people who may no longer read. */
function refreshSoon() {
  if (state.timer) return
  state.timer = setTimeout(async () => {
    state.timer = undefined
    const work = [refreshPresence(), endRevoked(), endRemoved(), renewPlaces(placesOf(state.open))]
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

/** A person who was removed from a group may still have streams, if the event was lost. */
async function endRemoved() {
  const checked = [...state.open].filter(({ kind }) => kind === 'group')
  if (!checked.length) return
  const { conversationId, userId } = memberships
  const rows = await database()
    .select({ conversationId, userId })
    .from(memberships)
    .where(
      and(
        isAmong(
          conversationId,
          checked.map((stream) => stream.conversationId),
        ),
        isAmong(
          userId,
          checked.map(({ user }) => user.id),
        ),
      ),
    )
  const members = new Set(rows.map((row) => `${row.conversationId} ${row.userId}`))
  for (const { conversationId, user, life } of checked)
    if (!members.has(`${conversationId} ${user.id}`)) life.abort()
}
