import 'server-only'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { isAmong } from '@/db/is-among'
import { leases, loginSessions } from '@/db/schema'
import { correctAttending, removeAbsent, startAttending, stopAttending } from './attendance'
import { isId } from './fields'
import { takeLease } from './leases'
import { logError } from './log'
import { announceOffline, correctConnected, noteConnected, noteDisconnected } from './presence'
import { parseAttendance, parseChannel, signedInSession } from './realtime/channels'
import { listOccupied } from './realtime/occupied'
import { connectedSince } from './realtime/subscribe'
import { grace } from './users'

// Soketi reports each channel that gets its first subscriber or loses its last one. A closed connection counts for
// another 3 s (`grace` in users.ts). So it is announced within 6 s (the contract allows 10).
const checkEveryMs = 2500
/** Corrects what a lost report left wrong. Costs a call for all channels, and writes only what is wrong. */
const listEveryMs = 120_000
/** After a break, clients take up to 8 s to reconnect (reconnect.ts). Until then Soketi's answers are incomplete. */
const settleMs = 9000

/** A lease that took longer to take shows that the database hung. */
const slowMs = 1000

/** Starts checking who has gone. Only one instance at a time does this; a lease in the database decides which. */
export function startPresence() {
  connectedSince()
  let last = performance.now()
  let wasSettled = true
  const check = async () => {
    // This process was suspended, so its streams were not refreshed.
    if (performance.now() - last > 2 * checkEveryMs) lastFailure = performance.now()
    last = performance.now()
    const isBack = !wasSettled
    wasSettled = isSettled()
    if (wasSettled) await removeGone(isBack)
  }
  setInterval(() => check().catch(noteFailure), checkEveryMs).unref()
}

/** In `performance.now()` time. */
let lastFailure = Number.NEGATIVE_INFINITY

/** A node of Soketi answers 503 until the clients of another one, which is lost, have reconnected. */
function noteFailure(error: unknown) {
  const isIncomplete = error instanceof Error && 'status' in error && error.status === 503
  if (!isIncomplete) lastFailure = performance.now()
  logError('presence.check', error)
}

/**
 * Whether Soketi and the database have answered, and this process's own socket been connected, for long enough.
 * Otherwise connections are unknown, not absent, and nobody goes offline.
 */
const isSettled = () => performance.now() - Math.max(lastFailure, connectedSince()) > settleMs

/**
 * Announces people who have gone offline or left a room, unless another instance just did.
 * @param isBack after a break of Soketi. Then those who are not connected have been gone for long
 */
async function removeGone(isBack: boolean) {
  if (isBack) await requestList()
  const began = performance.now()
  const isMine = await takeLease('presence', checkEveryMs)
  if (performance.now() - began > slowMs) throw new Error('The database hung, so streams were not refreshed.')
  if (!isMine) return
  // After a start of all services, clients have not reconnected yet.
  const hasStarted = performance.now() > settleMs
  if (hasStarted && (await takeLease(listLease, listEveryMs))) await correctFromList(isBack)
  await announceOffline()
  await removeAbsent()
}

const listLease = 'presence list'

/** Makes the next check read the list of all channels, because reports were lost. */
export const requestList = () =>
  database().update(leases).set({ until: sql`now()` }).where(eq(leases.name, listLease))

async function correctFromList(isBack: boolean) {
  try {
    const [clock] = await database().execute<{ now: string }>(sql`select now()::text`)
    const names = [...(await listOccupied())]
    // A tab has no connection between two pages.
    const closedAt = isBack ? sql`now() - ${grace}` : sql`now()`
    await correctConnected(await findPeople(names), clock?.now ?? '', closedAt)
    await correctAttending(attendancesIn(names), closedAt)
  } catch (error) {
    await requestList()
    throw error
  }
}

/** Handles reports of channels that got their first subscriber (`occupied`) or lost their last one. */
export async function noteReports({ occupied, vacated }: { occupied: string[]; vacated: string[] }) {
  await noteConnected(await findPeople(occupied))
  await startAttending(attendancesIn(occupied))
  await noteDisconnected(await findPeople(vacated))
  await stopAttending(attendancesIn(vacated))
}

const attendancesIn = (channelNames: string[]) => channelNames.flatMap((name) => parseAttendance(name) ?? [])

/** The people to whose own channels these names belong, or to whose sockets that have only signed in. */
async function findPeople(channelNames: string[]) {
  const subscribed = channelNames
    .map(parseChannel)
    .flatMap((one) => (one?.kind === 'private-user' ? one.id : []))
  const sessions = channelNames.flatMap((name) => signedInSession(name) ?? []).filter(isId)
  if (!sessions.length) return subscribed
  const signedIn = await database()
    .select({ userId: loginSessions.userId })
    .from(loginSessions)
    .where(isAmong(loginSessions.id, sessions))
  return [...new Set([...subscribed, ...signedIn.map(({ userId }) => userId)])]
}
