import 'server-only'
import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { securityEvents } from '@/db/schema'
import type { CurrentUser, Origin } from './current-user'
import { logError, logSecurity } from './log'

export type SecurityEventKind = 'login' | 'wrong-password' | 'password-changed' | 'login-sessions-ended'

type Happened = {
  address: string | null
  userAgent?: Origin['userAgent']
  /** The login session in which it happened. */
  session?: string
  /** How many login sessions ended. */
  count?: number
}

const kept = sql`interval '90 days'`
const mostShown = 50

/**
 * Stores what happened to an account, for the person's settings, and logs it. Never fails, because a login must not.
 * Wrong passwords from one address count in one row until an hour passes without one, so that a flood fills no table.
 */
export async function recordSecurityEvent(
  userId: string,
  kind: SecurityEventKind,
  { address, userAgent, session, count = 1 }: Happened,
  logged: object = {},
) {
  logSecurity(kind, { user: userId, session, address, ...logged })
  const device = sql`coalesce(${userAgent?.slice(0, 300) ?? null},
    (select user_agent from login_sessions where id = ${session ?? null}))`
  const recent = sql`select id from security_events
    where user_id = ${userId} and kind = ${kind} and kind = 'wrong-password'
      and address is not distinct from ${address} and at > now() - interval '1 hour'
    limit 1`
  await database()
    .execute(sql`
      with again as (
        update security_events set count = count + 1, at = now() where id = (${recent}) returning id
      )
      insert into security_events (user_id, kind, count, address, user_agent)
      select ${userId}, ${kind}, ${count}, ${address}, ${device} where not exists (select from again)`)
    .catch((error) => logError('security-events', error))
}

/** What happened to the person's account in the last 90 days, the latest first: at most 50. */
export async function listSecurityEvents(user: CurrentUser) {
  const rows = await database()
    .select()
    .from(securityEvents)
    .where(and(eq(securityEvents.userId, user.id), sql`${securityEvents.at} > now() - ${kept}`))
    .orderBy(desc(securityEvents.at))
    .limit(mostShown)
  return rows.map(({ id, at, kind, count, address, userAgent }) => ({
    id,
    at: at.toISOString(),
    kind: kind as SecurityEventKind,
    count,
    address,
    userAgent,
  }))
}
export type SecurityEvent = Awaited<ReturnType<typeof listSecurityEvents>>[number]

export const forgetSecurityEvents = () =>
  database()
    .delete(securityEvents)
    .where(lt(securityEvents.at, sql`now() - ${kept}`))
