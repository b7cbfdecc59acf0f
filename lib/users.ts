import 'server-only'
import { sql } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { presence, users } from '@/db/schema'

/** A person by name alone. */
export type Person = { id: string; username: string; name: string }

/** A person as others see them. */
export type User = Person & { status: 'online' | 'offline'; lastSeenAt: string | null }

type NameParts = { username: string; firstName: string | null; lastName: string | null }
export type PersonRow = NameParts & { id: string }

/** First and last name, else the username. */
export const shownName = ({ username, firstName, lastName }: NameParts) =>
  [firstName, lastName].filter(Boolean).join(' ') || username

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

/** Online: a live connection, or a request with a login session in the last 60 s (the contract's number). */
export const isOnline = sql<boolean>`coalesce(greatest(${presence.lastRequestAt} + interval '60 seconds', ${presence.connectedUntil}) > now(), false)`
const lastSign = sql`greatest(${presence.lastRequestAt}, ${presence.connectedUntil})`
const lastSeenAt = sql<string | null>`case when ${lastSign} > now() then now() else ${lastSign} end`

/** To select from `users` left joined with `presence`, for `toUser`. */
export const userColumns = {
  ...personColumns(users),
  online: isOnline,
  lastSeenAt,
}

type UserRow = PersonRow & { online: boolean; lastSeenAt: string | null }

export const toUser = (row: UserRow): User => ({
  ...toPerson(row),
  status: row.online ? 'online' : 'offline',
  lastSeenAt: row.lastSeenAt && new Date(row.lastSeenAt).toISOString(),
})
