import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { users } from '@/db/schema'
import { announceLeft, removeFromRooms } from './attendance'
import { recordAction } from './audit-log'
import type { CurrentUser } from './current-user'
import { eraseLater } from './erasing-job'
import { check, checkbox, duration, remark } from './fields'
import { startJobs } from './jobs'
import { spend } from './limits'
import { deleteLoginSessions, disconnect } from './login-sessions'
import { lockModerated } from './moderated-person'
import { published } from './realtime/publish'
import { requireModerator } from './roles'
import { isSuspended } from './users'

const suspension = z.object({
  /** None: for good. */
  days: z.preprocess((value) => (value === '' ? null : value), duration(365, 'days').nullish()),
  reason: remark.refine((value) => value !== '', 'Write the reason: the person will read it.'),
  /** Whether to delete what the person said in rooms in the last 24 h. */
  erase: checkbox,
})

const dayMs = 24 * 60 * 60 * 1000

/**
 * Keeps a person out until the time is over: their login sessions end, their sockets and streams close, and they leave
 * all rooms. A job deletes what they said in rooms in the last 24 hours, if that is wanted.
 * @throws {Refusal} 404 for other people than moderators, and for an unknown person, 422, 403 for oneself and for a
 * moderator who acts on an operator or on another moderator, 429
 */
export async function suspendPerson(user: CurrentUser, personId: string, input: unknown) {
  requireModerator(user)
  const { days, reason, erase } = check(suspension, input)
  await spend('moderate', user)
  const { ended, left } = await database().transaction(async (tx) => {
    await lockModerated(tx, user, personId)
    // The row first: then a login that waits for it is refused, and one that did not wait has a session to delete.
    const suspendedUntil = days ? sql`now() + ${days} * interval '1 day'` : sql`'infinity'`
    await tx.update(users).set({ suspendedUntil, suspensionReason: reason }).where(eq(users.id, personId))
    const details = { days: days ?? null, erase }
    await recordAction(tx, user, 'suspended', { targetId: personId, details, reason })
    if (erase)
      await eraseLater(tx, { senderId: personId, inRoomsSince: new Date(Date.now() - dayMs).toISOString() })
    return {
      ended: await deleteLoginSessions(tx, personId),
      left: await removeFromRooms(tx, personId),
    }
  })
  if (erase) startJobs()
  await announceLeft(left, { byChoice: true })
  // The person's pages receive the events first.
  await published()
  await disconnect(personId, ended)
}

/** A person's suspension, if there is one. `until` is null if it is for good. @throws {Refusal} 404 */
export async function findSuspension(user: CurrentUser, personId: string) {
  requireModerator(user)
  const [row] = await database()
    .select({ until: users.suspendedUntil, reason: users.suspensionReason })
    .from(users)
    .where(and(eq(users.id, personId), isSuspended))
  // PostgreSQL's `infinity` is no date.
  const isForGood = Number.isNaN(Number(row?.until))
  return row && { until: isForGood ? null : (row.until?.toISOString() ?? null), reason: row.reason }
}

/** Lets a suspended person log in again. @throws {Refusal} as `suspendPerson` does */
export async function liftSuspension(user: CurrentUser, personId: string) {
  requireModerator(user)
  await spend('moderate', user)
  await database().transaction(async (tx) => {
    await lockModerated(tx, user, personId)
    const lifted = await tx
      .update(users)
      .set({ suspendedUntil: null, suspensionReason: null })
      .where(and(eq(users.id, personId), isSuspended))
      .returning({ id: users.id })
    if (lifted.length) await recordAction(tx, user, 'suspension-lifted', { targetId: personId })
  })
}
