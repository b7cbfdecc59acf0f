import 'server-only'
import { sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { presence, users } from '@/db/schema'
import { nameFault } from './names'
import type { Person, Status, User } from './views'

type NameParts = { username: string; firstName: string | null; lastName: string | null }
export type PersonRow = NameParts & { id: string }

/** First and last name; the username if there is neither, or if they break a rule that is newer than they are. */
export function shownName({ username, firstName, lastName }: NameParts) {
  const name = [firstName, lastName].filter(Boolean).join(' ')
  return name && !nameFault(name) ? name : username
}

/** To select from `users`, or an alias of it, for `toPerson`. */
export const personColumns = <T extends Record<keyof PersonRow, PgColumn>>(table: T) => ({
  id: table.id as T['id'],
  username: table.username as T['username'],
  firstName: table.firstName as T['firstName'],
  lastName: table.lastName as T['lastName'],
})

export const toPerson = (row: PersonRow): Person => ({
  id: row.id,
  username: row.username,
  name: shownName(row),
})

/** Whether the person cannot log in now, for a row of `users`. */
export const isSuspended = sql<boolean>`coalesce(${users.suspendedUntil} > now(), false)`

/** How long a stream, or a socket that is just being opened, counts after it was last seen. */
export const seenLifetime = sql`interval '3 seconds'`

/** While a socket is open, its person counts as connected or present until this time. */
export const forever = sql`'infinity'::timestamptz`

/** How long a closed connection still counts, because a tab has none between two pages. */
export const grace = sql`interval '3 seconds'`

/**
 * A request with a login session in the last 60 s (the contract's number), after the last live connection ended. Not
 * within a second of that, because a page that is being closed sends its last report.
 */
export const isRecentRequest = sql<boolean>`coalesce(${presence.lastRequestAt} > now() - interval '60 seconds'
  and ${presence.lastRequestAt} > coalesce(${presence.connectedUntil} + interval '1 second', '-infinity'), false)`

/** The status in the last event about the person (presence.ts). */
export const isOnline = sql<boolean>`coalesce(${presence.announcedOnline}, false)`

/**
 * Never decreases, so that clients can tell which of two statuses is later (`laterStatus` in realtime/events.ts). It is
 * computed from stored times only, because now() may be later than a change that is not committed yet. While a socket
 * is open, this is when it was opened, or the last request before.
 */
const lastSeenAt = sql<string | null>`greatest(${presence.lastRequestAt}, case
  when not isfinite(${presence.connectedUntil}) then null
  when ${isOnline} then ${presence.connectedUntil} - ${seenLifetime}
  else ${presence.connectedUntil} end)`

/** To select from `users` left joined with `presence`, for `toStatus`. */
export const statusColumns = { id: users.id, online: isOnline, lastSeenAt }

/** The same for `toUser`. */
export const userColumns = { ...personColumns(users), ...statusColumns }

type StatusRow = { id: string; online: boolean; lastSeenAt: string | null }
export type UserRow = PersonRow & StatusRow

export const toStatus = ({ id, online, lastSeenAt }: StatusRow): Status => ({
  id,
  status: online ? 'online' : 'offline',
  lastSeenAt: lastSeenAt && new Date(lastSeenAt).toISOString(),
})

export const toUser = (row: UserRow): User => ({ ...toPerson(row), ...toStatus(row) })
