import 'server-only'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import {
  dataExports,
  drafts,
  knownAddresses,
  links,
  oneTimeLinks,
  roomBans,
  securityEvents,
  users,
} from '@/db/schema'
import { requirePassword } from './accounts'
import { announceLeft, removeFromRooms } from './attendance'
import { recordAction } from './audit-log'
import { barName, deletedName } from './barred-names'
import type { CurrentUser } from './current-user'
import { invalid, missing } from './errors'
import { anyPassword, anyUsername, check } from './fields'
import { endedEvents, endInvitations } from './invitations'
import { startJobs } from './jobs'
import { leaveAtOnce, leaveLater } from './leaving'
import { spend } from './limits'
import { logError } from './log'
import { deleteLoginSessions, disconnect } from './login-sessions'
import { publish, published } from './realtime/publish'
import { lockWithOperators, requireOperator, requireOtherOperator } from './roles'

const messages = z
  .enum(['keep', 'erase'], 'Choose what happens to your messages.')
  .meta({ description: '`keep` leaves them under the name “Deleted person”, `erase` deletes them.' })
type Messages = z.infer<typeof messages>

export const accountDeletion = z.object({
  password: anyPassword.optional().meta({ description: 'Guests need none.' }),
  messages,
})
const confirmedDeletion = z.object({
  currentPassword: anyPassword.optional(),
  username: anyUsername,
  messages,
})
const personDeletion = z.object({ messages })

/**
 * Deletes the person's account.
 * @throws {Refusal} 422 for invalid fields or a wrong password, 409 for the last operator, 429
 */
export async function deleteAccount(user: CurrentUser, input: unknown) {
  const { password, messages } = check(accountDeletion, input)
  await requireOwn(user, password, 'password')
  await deleteUser(user.id, messages)
}

/** The same for the form, where the person types the username again. */
export async function deleteAccountByForm(user: CurrentUser, input: unknown) {
  const { currentPassword, username, messages } = check(confirmedDeletion, input)
  if (username.toLowerCase() !== user.username.toLowerCase())
    throw invalid({ username: 'This is not your username.' })
  await requireOwn(user, currentPassword, 'currentPassword')
  await deleteUser(user.id, messages)
}

async function requireOwn(user: CurrentUser, password: string | undefined, field: string) {
  if (user.isGuest) return
  if (!password) throw invalid({ [field]: 'Write your password.' })
  await requirePassword(user, password, field)
}

/**
 * Deletes somebody's account for an operator.
 * @throws {Refusal} 404 for other people than operators, and for an unknown person, 422, 409 for the last operator, 429
 */
export async function deletePerson(operator: CurrentUser, personId: string, input: unknown) {
  requireOperator(operator)
  const { messages } = check(personDeletion, input)
  await spend('operate', operator)
  await deleteUser(personId, messages, operator)
}

/** The most ended invitations that are announced at once. Pages find the rest when they load. */
const mostAnnounced = 500

async function deleteUser(id: string, messages: Messages, operator?: CurrentUser) {
  const { username, sessions, rooms, invitations } = await database().transaction(async (tx) => {
    const person = await lockWithOperators(tx, id)
    // Another operator may have taken the role away meanwhile.
    if (operator && !person.operatorIds.includes(operator.id)) throw missing('page')
    requireOtherOperator(person)
    if (operator) await recordAction(tx, operator, 'account-deleted', { targetId: id, details: { messages } })
    return removePerson(tx, person.id, messages)
  })
  // The account is deleted now, even if something of this fails.
  const steps = [
    () => announceLeft(rooms, { byChoice: true }),
    async () => publish(...(await endedEvents(invitations.slice(0, mostAnnounced)))),
    // The person's pages receive the events first.
    published,
    () => disconnect(id, sessions),
    () => leaveAtOnce({ personId: id, username }),
  ]
  for (const step of steps) await step().catch((error) => logError('deletion', error))
  startJobs()
}

/**
 * Removes all that is the person's alone, and adds the job for what may be much. The row stays, for the messages. It is
 * changed first, so that a login or an invitation that waits for it is refused, and what did not wait is found here.
 */
async function removePerson(tx: Transaction, id: string, messages: Messages) {
  const [before] = await tx.select({ username: users.username }).from(users).where(eq(users.id, id))
  if (!before) throw missing('person')
  await tx
    .update(users)
    .set({
      ...deletedName,
      removedAt: sql`now()`,
      passwordHash: null,
      gender: 0,
      role: 'person',
      suspendedUntil: null,
      suspensionReason: null,
      resetLinkMadeAt: null,
    })
    .where(eq(users.id, id))
  await barName(tx, before.username)
  const sessions = await deleteLoginSessions(tx, id)
  for (const table of [knownAddresses, drafts, roomBans, securityEvents, dataExports, oneTimeLinks])
    await tx.delete(table).where(eq(table.userId, id))
  await tx
    .update(links)
    .set({ endedAt: sql`now()` })
    .where(and(eq(links.makerId, id), isNull(links.endedAt)))
  await leaveLater(tx, { personId: id, username: before.username, erases: messages === 'erase' })
  return {
    ...before,
    sessions,
    rooms: await removeFromRooms(tx, id),
    invitations: await endInvitations(tx, id),
  }
}
