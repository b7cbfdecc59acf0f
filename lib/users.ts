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

/**
 * The time of Soketi's last reliable list of connections (presence.ts). While Soketi does not answer, this time
 * stands still, so that nobody goes offline or leaves a room.
 */
export const knownAt = sql`coalesce((select until from leases where name = 'presence known'), now())`

/** How long a connection counts after it was last seen. */
export const connectionLifetime = sql`interval '3 seconds'`

/** How long a closed connection still counts, because a tab has none between two pages. */
export const grace = sql`interval '3 seconds'`

// A person who logged out is no longer announced as online, so the grace time and `knownAt` don't apply to them.
const isConnected = sql`${presence.connectedUntil} > case when ${presence.announcedOnline} then ${knownAt} - ${grace} else now() end`

/**
 * Online: a live connection, or a request with a login session in the last 60 s (the contract's number) that came
 * after the last live connection ended.
 */
export const isOnline = sql<boolean>`(coalesce(${isConnected}, false) or coalesce(
  ${presence.lastRequestAt} > now() - interval '60 seconds'
  and ${presence.lastRequestAt} >= coalesce(${presence.connectedUntil}, '-infinity'), false))`
/**
 * Never decreases, so that clients can tell which of two statuses is later (`laterStatus` in realtime/events.ts). It is
 * computed from stored times only, because now() may be later than a change that is not committed yet.
 */
const lastSeenAt = sql<string | null>`greatest(${presence.lastRequestAt},
  case when ${isOnline} then ${presence.connectedUntil} - ${connectionLifetime} else ${presence.connectedUntil} end)`

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
