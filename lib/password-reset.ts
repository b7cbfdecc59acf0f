import 'server-only'
import { and, eq, isNotNull, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { oneTimeLinks, users } from '@/db/schema'
import { recordAction } from './audit-log'
import type { CurrentUser, Origin } from './current-user'
import { missing, Refusal } from './errors'
import { check, newPassword } from './fields'
import { spend } from './limits'
import { deleteLoginSessions, disconnect } from './login-sessions'
import { findOneTimeLink, makeOneTimeLink, redeemOneTimeLink } from './one-time-links'
import { hashPassword, requireUncommon } from './passwords'
import { lockWithOperators, requireOperator } from './roles'
import { recordSecurityEvent } from './security-events'

const hours = 24

/**
 * Makes a link by which a person sets a new password, once, within a day. Older links of that person end.
 * @param operator null for a command from the site's shell
 * @returns the link's token, which is not stored
 * @throws {Refusal} 404 unless the user is an operator and there is such a person, 409 for a guest, 429
 */
export async function makeResetLink(operator: CurrentUser | null, personId: string) {
  if (operator) {
    requireOperator(operator)
    await spend('operate', operator)
  }
  return database().transaction(async (tx) => {
    const { id, isGuest, operatorIds } = await lockWithOperators(tx, personId)
    // Another operator may have taken the user's role away meanwhile.
    if (operator && !operatorIds.includes(operator.id)) throw missing('page')
    if (isGuest) throw new Refusal(409, 'A guest has no password.')
    await tx
      .update(oneTimeLinks)
      .set({ usedAt: sql`now()` })
      .where(and(eq(oneTimeLinks.userId, id), eq(oneTimeLinks.purpose, 'reset'), isNull(oneTimeLinks.usedAt)))
    await tx.update(users).set({ resetLinkMadeAt: sql`now()` }).where(eq(users.id, id))
    await recordAction(tx, operator, 'reset-link-made', { targetId: id })
    return makeOneTimeLink(tx, 'reset', { userId: id, hours })
  })
}

/** The person whose password a link resets; undefined if the link cannot be used any more. */
export async function findReset(token: string) {
  const link = await findOneTimeLink(token, 'reset')
  if (!link?.userId) return undefined
  const [person] = await database()
    .select({ id: users.id, username: users.username })
    .from(users)
    .where(and(eq(users.id, link.userId), isNull(users.removedAt)))
  return person
}

const reset = z.object({ newPassword })

/**
 * Sets a new password and ends all of the person's login sessions.
 * @throws {Refusal} 410 for a link that cannot be used, 422, 429
 */
export async function resetPassword(token: string, input: unknown, { address, userAgent }: Origin) {
  const { newPassword } = check(reset, input)
  const person = await findReset(token)
  if (!person) throw gone()
  const { id, username } = person
  await spend('firstPassword', { id, address })
  await requireUncommon(newPassword, username, 'newPassword')
  const passwordHash = await hashPassword(newPassword)
  const ended = await database().transaction(async (tx) => {
    // First, because the making of another link locks the person before the links.
    await tx
      .update(users)
      .set({ passwordHash })
      .where(and(eq(users.id, id), isNotNull(users.passwordHash), isNull(users.removedAt)))
    if (!(await redeemOneTimeLink(tx, token, 'reset'))) throw gone()
    return deleteLoginSessions(tx, id)
  })
  await recordSecurityEvent(id, 'password-changed', { address, userAgent })
  await disconnect(id, ended)
}

const gone = () =>
  new Refusal(410, 'This link was used already, or has expired. Ask an operator for a new one.')

/** Notes that the person has read that somebody made a link to reset the password. */
export const dismissResetNotice = (user: CurrentUser) =>
  database().update(users).set({ resetLinkMadeAt: null }).where(eq(users.id, user.id))
