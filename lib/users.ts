import 'server-only'
import { sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { presence, users } from '@/db/schema'
import { nameFault } from './names'

/** A person by name alone. */
export type Person = { id: string; username: string; name: string }

/** A person as others see them. */
export type User = Person & { status: 'online' | 'offline'; lastSeenAt: string | null }

type NameParts = { username: string; firstName: string | null; lastName: string | null }
export type PersonRow = NameParts & { id: string }

/** First and last name. The username if there is neither, or if they were stored before names had rules and break one. */
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
 * The time of which it is known who is connected: the last look at Soketi that could be relied on (presence.ts).
 * While Soketi does not answer, this time stands still, and nobody goes offline or leaves a room.
 */
export const knownAt = sql`coalesce((select until from leases where name = 'presence known'), now())`

/** How long a closed connection still counts: between two pages of the same tab nothing is open. */
export const grace = sql`interval '3 seconds'`

// A person who logged out is no longer announced as online, and so is not kept online by a time that stands still.
const isConnected = sql`${presence.connectedUntil} > case when ${presence.announcedOnline} then ${knownAt} else now() end - ${grace}`

/**
 * Online: a live connection; or a request with a login session in the last 60 s (the contract's number) and since
 * the last live connection ended.
 */
export const isOnline = sql<boolean>`coalesce(${isConnected}, false) or coalesce(
  ${presence.lastRequestAt} > now() - interval '60 seconds'
  and ${presence.lastRequestAt} >= coalesce(${presence.connectedUntil}, '-infinity'), false)`
const lastSign = sql`greatest(${presence.lastRequestAt}, ${presence.connectedUntil})`
const lastSeenAt = sql<
  string | null
>`case when ${isOnline} or ${lastSign} > now() then now() else ${lastSign} end`

/** To select from `users` left joined with `presence`, for `toUser`. */
export const userColumns = {
  ...personColumns(users),
  online: isOnline,
  lastSeenAt,
}

export type UserRow = PersonRow & { online: boolean; lastSeenAt: string | null }

export const toUser = (row: UserRow): User => ({
  ...toPerson(row),
  status: row.online ? 'online' : 'offline',
  lastSeenAt: row.lastSeenAt && new Date(row.lastSeenAt).toISOString(),
})
