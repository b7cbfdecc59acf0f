import 'server-only'
import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { presence, users } from '@/db/schema'
import { missing, Refusal } from './errors'
import { listBlocks, lockPeople } from './pairs'
import { isOnline, personColumns, toPerson } from './users'
import type { Person } from './views'

export type Invitee = { person: Person; isGuest: boolean; isOnline: boolean }

/** The people with these usernames (at least one), each once. @throws {Refusal} 404 if a name is unknown */
export async function findInvitees(tx: Transaction, usernames: string[]): Promise<[Invitee, ...Invitee[]]> {
  const keys = usernames.map((name) => name.toLowerCase())
  const rows = await tx
    .select({
      ...personColumns(users),
      key: users.usernameKey,
      isGuest: sql<boolean>`${users.passwordHash} is null`,
      isOnline,
    })
    .from(users)
    .leftJoin(presence, eq(presence.userId, users.id))
    .where(and(inArray(users.usernameKey, keys), isNull(users.removedAt)))
  const found = new Set(rows.map(({ key }) => key))
  const unknown = usernames.find((name) => !found.has(name.toLowerCase()))
  if (unknown !== undefined) throw new Refusal(404, `No one is called “${unknown}”.`)
  const invitees = rows.map(({ isGuest, isOnline, ...row }) => ({ person: toPerson(row), isGuest, isOnline }))
  return invitees as [Invitee, ...Invitee[]]
}

/**
 * Locks the inviter and the people they invite until the commit, so that blocks between them wait.
 * @throws {Refusal} 403 for oneself, 404 if one of them was deleted meanwhile
 */
export async function lockInvitees(tx: Transaction, inviter: Person, invitees: Invitee[]) {
  const ids = invitees.map(({ person }) => person.id)
  if (ids.includes(inviter.id)) throw new Refusal(403, 'You cannot invite yourself.')
  const locked = await lockPeople(tx, [inviter.id, ...ids])
  if (locked.length <= ids.length) throw missing('person')
}

/** @throws {Refusal} 403, with the same sentence for guests and for people who have blocked the inviter */
export async function requireInvitable(tx: Transaction, inviter: Person, invitees: Invitee[]) {
  const ids = invitees.map(({ person }) => person.id)
  const blocks = await listBlocks(tx, inviter.id, ids)
  for (const { person, isGuest } of invitees) {
    if (blocks.some(({ blockedId }) => blockedId === person.id))
      throw new Refusal(403, `You have blocked ${person.name}. Unblock them to invite them.`)
    if (isGuest || blocks.some(({ blockerId }) => blockerId === person.id))
      throw new Refusal(403, `${person.name} cannot be invited.`)
  }
}
