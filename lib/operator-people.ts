import 'server-only'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { isAmong } from '@/db/is-among'
import { presence, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { isId } from './fields'
import { findPeople } from './people'
import { type Role, requireOperator } from './roles'
import { isSuspended, toUser, type UserRow, userColumns } from './users'
import type { User } from './views'

/** A person as operators see them. */
export type KnownPerson = User & {
  siteRole: Role
  isGuest: boolean
  isSuspended: boolean
  /** Null if the person is not suspended, or for good. */
  suspendedUntil: string | null
  suspensionReason: string | null
  createdAt: string
}

const pageLength = 50

/**
 * Finds people as `searchPeople` does, 50 at a time.
 * @throws {Refusal} 404 unless the user is an operator, 422, 429
 */
export async function listKnownPeople(user: CurrentUser, input: unknown) {
  requireOperator(user)
  return findPeople(user, input, pageLength, async (ids) => {
    const people = new Map((await selectPeople(isAmong(users.id, ids))).map((person) => [person.id, person]))
    return ids.flatMap((id) => people.get(id) ?? [])
  })
}

/** @throws {Refusal} 404 unless the user is an operator and there is such a person */
export async function findKnownPerson(user: CurrentUser, id: string): Promise<KnownPerson> {
  requireOperator(user)
  const [person] = isId(id) ? await selectPeople(eq(users.id, id)) : []
  if (!person) throw missing('page')
  return person
}

const selectPeople = async (which: ReturnType<typeof and>) => {
  const rows = await database()
    .select({
      ...userColumns,
      siteRole: users.role,
      isGuest: sql<boolean>`${users.passwordHash} is null`,
      isSuspended,
      suspendedUntil: sql<string | null>`case when ${isSuspended} and isfinite(${users.suspendedUntil})
        then ${users.suspendedUntil} end`,
      suspensionReason: users.suspensionReason,
      createdAt: users.createdAt,
    })
    .from(users)
    .leftJoin(presence, eq(presence.userId, users.id))
    .where(and(which, isNull(users.removedAt)))
  return rows.map(toKnownPerson)
}

type Row = UserRow & Omit<KnownPerson, keyof User | 'createdAt'> & { createdAt: Date }

const toKnownPerson = (row: Row): KnownPerson => ({
  ...toUser(row),
  siteRole: row.siteRole,
  isGuest: row.isGuest,
  isSuspended: row.isSuspended,
  suspendedUntil: row.suspendedUntil && new Date(row.suspendedUntil).toISOString(),
  suspensionReason: row.suspensionReason,
  createdAt: row.createdAt.toISOString(),
})
