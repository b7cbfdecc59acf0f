import 'server-only'
import { and, inArray, isNull } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { isId } from './fields'
import { requireModerator, requirePowerOver } from './roles'
import { isSuspended } from './users'

/**
 * Locks a person and the moderator who acts on them until the commit, in one order. Of two operators who suspend each
 * other one is refused, so that one stays.
 * @throws {Refusal} 404 for an unknown or deleted person, and if the acting person is no moderator by now, 403 for
 * oneself, and for a moderator who acts on an operator or on another moderator
 */
export async function lockModerated(tx: Transaction, user: CurrentUser, personId: string) {
  const id = personId.toLowerCase()
  if (id === user.id) throw new Refusal(403, 'You cannot do this to yourself.')
  if (!isId(id)) throw missing('person')
  const rows = await tx
    .select({
      id: users.id,
      siteRole: users.role,
      isSuspended,
    })
    .from(users)
    .where(and(inArray(users.id, [user.id, id]), isNull(users.removedAt)))
    .orderBy(users.id)
    // Logging in and joining a room take a shared lock on the person, and so wait. Sending a message does not.
    .for('no key update')
  const actor = rows.find((row) => row.id === user.id)
  if (!actor || actor.isSuspended) throw missing('page')
  requireModerator(actor)
  const person = rows.find((row) => row.id === id)
  if (!person) throw missing('person')
  requirePowerOver(actor, person)
}
