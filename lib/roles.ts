import 'server-only'
import { and, eq, inArray, isNull, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import { users } from '@/db/schema'
import { recordAction } from './audit-log'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { check, isId } from './fields'
import { spend } from './limits'
import { isSuspended } from './users'

export type Role = CurrentUser['siteRole']

const roleChange = z.object({ role: z.enum(users.role.enumValues, 'Choose one of the roles.') })

export const isModerator = ({ siteRole }: { siteRole: Role }) => siteRole !== 'person'

/** @throws {Refusal} 404, as for a page that does not exist */
export function requireOperator({ siteRole }: Pick<CurrentUser, 'siteRole'>) {
  if (siteRole !== 'operator') throw missing('page')
}

/** Operators may do everything that moderators may. @throws {Refusal} 404, as for a page that does not exist */
export function requireModerator(user: { siteRole: Role }) {
  if (!isModerator(user)) throw missing('page')
}

/** @throws {Refusal} 403 for a moderator who acts on an operator or on another moderator */
export function requirePowerOver(user: { siteRole: Role }, person: { siteRole: Role }) {
  if (user.siteRole !== 'operator' && isModerator(person))
    throw new Refusal(403, 'Moderators cannot act on operators or on other moderators.')
}

const moderates = inArray(users.role, ['moderator', 'operator'])

/** Whether anybody takes care of reports. */
export const hasModerators = async () => (await database().$count(users, moderates)) > 0

/** The ids of those who take care of reports. */
export async function listModerators() {
  const rows = await database().select({ id: users.id }).from(users).where(moderates)
  return rows.map(({ id }) => id)
}

/** A person whose row is locked, and the operators who could act now, that is, who are not suspended. */
export type LockedPerson = { id: string; siteRole: Role; isGuest: boolean; operatorIds: string[] }

/**
 * Locks a person and all operators until the commit, always in the order of their ids. Two operators who take each
 * other's role away at the same moment therefore wait for each other, and one of them stays.
 * @throws {Refusal} 404 if there is no such person
 */
export async function lockWithOperators(tx: Transaction, personId: string): Promise<LockedPerson> {
  if (!isId(personId)) throw missing('person')
  const rows = await tx
    .select({
      id: users.id,
      siteRole: users.role,
      isGuest: sql<boolean>`${users.passwordHash} is null`,
      isSuspended,
    })
    .from(users)
    .where(and(or(eq(users.id, personId), eq(users.role, 'operator')), isNull(users.removedAt)))
    .orderBy(users.id)
    // The log's foreign keys lock these rows for key share, which this does not block.
    .for('no key update')
  const person = rows.find(({ id }) => id === personId.toLowerCase())
  if (!person) throw missing('person')
  const operators = rows.filter(({ siteRole, isSuspended }) => siteRole === 'operator' && !isSuspended)
  return { ...person, operatorIds: operators.map(({ id }) => id) }
}

/** @throws {Refusal} 409 if the site would have no operator without this one */
export function requireOtherOperator({ id, siteRole, operatorIds }: LockedPerson) {
  if (siteRole === 'operator' && !operatorIds.some((other) => other !== id))
    throw new Refusal(409, 'This is the last operator. Make somebody else an operator first.')
}

/**
 * Gives a person a role, which takes effect at once.
 * @param user null for a command from the site's shell
 * @throws {Refusal} 404 unless the user is an operator and there is such a person, 409 for the last operator, 422, 429
 */
export async function setSiteRole(user: CurrentUser | null, personId: string, input: unknown) {
  if (user) requireOperator(user)
  const { role } = check(roleChange, input)
  if (user) await spend('operate', user)
  await database().transaction(async (tx) => {
    const person = await lockWithOperators(tx, personId)
    // Another operator may have taken the user's role away meanwhile.
    if (user && !person.operatorIds.includes(user.id)) throw missing('page')
    if (role !== 'operator') requireOtherOperator(person)
    await giveRole(tx, user, person, role)
  })
}

/** @throws {Refusal} 409 for a guest */
export async function giveRole(
  tx: Transaction,
  by: Pick<CurrentUser, 'id'> | null,
  { id, siteRole, isGuest }: LockedPerson,
  role: Role,
) {
  if (role === siteRole) return
  if (isGuest) throw new Refusal(409, 'A guest cannot have a role. They need to set a password first.')
  await tx.update(users).set({ role }).where(eq(users.id, id))
  await recordAction(tx, by, 'role-changed', { targetId: id, details: { from: siteRole, to: role } })
}

/** Whether the site has an operator. */
export const hasOperator = (db: Pick<Transaction, '$count'> = database()) =>
  db.$count(users, and(eq(users.role, 'operator'), isNull(users.removedAt))).then((count) => count > 0)
