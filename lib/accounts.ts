import 'server-only'
import bcrypt from 'bcrypt'
import { and, eq, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import { presence, users } from '@/db/schema'
import { isKnownAddress, rememberAddress } from './addresses'
import { requireRegistration } from './admission'
import { isBarred } from './barred-names'
import type { CurrentUser, Origin } from './current-user'
import { invalid, Refusal } from './errors'
import { anyPassword, anyUsername, check, newPassword, profile, username } from './fields'
import { announce, enterByLink } from './joining'
import { giveBack, type Scope, spend } from './limits'
import { findLink, unusableLink } from './links'
import { logSecurity } from './log'
import { endOtherLoginSessions } from './login-sessions'
import { hashPassword, requireUncommon } from './passwords'
import { recordSecurityEvent } from './security-events'
import { holdSettings, readSettings } from './site-settings'
import { shownName, toUser, userColumns } from './users'
import type { User } from './views'

const link = z
  .string()
  .nullish()
  .transform((value) => value?.replace(/^.*\/join\//, '') || null)
  .meta({ description: 'A link that brings people in: its address, or the token at the end of that.' })
export const registration = z.object({ username, password: newPassword, ...profile, link })
export const credentials = z.object({ username: anyUsername, password: anyPassword })
const profileChange = z.object(profile)
const firstPassword = z.object({ newPassword, link })
const passwordChange = z.object({ currentPassword: anyPassword, newPassword })

/**
 * Creates an account. With a link, the person also enters where it leads.
 * @throws {Refusal} 422 for invalid fields, 403 if the site takes no new accounts or for a link that cannot be used, 409
 * if the username is taken or the link's group is full, 429
 */
export const register = async (input: unknown, origin: Origin): Promise<User> =>
  (await registerInto(input, origin)).user

/** The same. @returns also the id of the conversation, if the link leads into one */
export async function registerInto(input: unknown, { address }: Origin) {
  const { username, link, ...names } = check(registration, input)
  await requireAdmission(link)
  const account = await prepareAccount(input, { address })
  const { person, entered } = await database().transaction(async (tx) => {
    const id = await insertAccount(tx, account)
    const person = { id, username, name: shownName({ username, ...names }) }
    const entered = link ? await enterByLink(tx, person, link) : {}
    requireRegistration(await holdSettings(tx), link)
    return { person, entered }
  })
  await rememberAddress(person.id, address)
  await announce(person, entered)
  return { user: await getUser(person.id), conversationId: entered.conversationId }
}

/** Refuses before a password is hashed, because that takes time. @throws {Refusal} 403 */
async function requireAdmission(link: string | null) {
  requireRegistration(await readSettings(), link)
  if (link && !(await findLink(link))) throw unusableLink()
}

/** Checks the fields of a new account and hashes its password, for `insertAccount`. */
export async function prepareAccount(input: unknown, { address }: Pick<Origin, 'address'>) {
  const { password, link: _, ...fields } = check(registration, input)
  await spend('register', { address })
  await requireUncommon(password, fields.username, 'password')
  if ((await findByUsername(fields.username)) || (await isBarred(fields.username))) throw usernameTaken()
  return { ...fields, passwordHash: await hashPassword(password) }
}

export async function insertAccount(
  tx: Pick<Transaction, 'insert'>,
  account: Awaited<ReturnType<typeof prepareAccount>>,
) {
  const [created] = await tx
    .insert(users)
    .values(account)
    // Somebody else may have taken the username while the password was hashed.
    .onConflictDoNothing()
    .returning({ id: users.id })
  if (!created) throw usernameTaken()
  return created.id
}

export const usernameTaken = () =>
  new Refusal(409, 'This username is taken.', { errors: { username: 'This username is taken.' } })

/** @throws {Refusal} 422 for invalid fields, 400 for an unknown username, 401 for a wrong password, 429 */
export async function logIn(input: unknown, origin: Origin): Promise<User> {
  const { username, password } = check(credentials, input)
  const person = await findByUsername(username)
  if (person?.passwordHash) return logInTo(person.id, person.passwordHash, password, origin)
  const { address } = origin
  await spend('logIn', { address })
  logSecurity('unknown-username', { address })
  throw unknownUsername(username)
}

/**
 * Logs in to an account that was found already.
 * @throws {Refusal} 401 for a wrong password, 429
 */
export async function logInTo(id: string, passwordHash: string, password: string, origin: Origin) {
  if (!(await matches(password, passwordHash, { id, ...origin })))
    throw new Refusal(401, 'The password does not match.', {
      errors: { password: 'The password does not match.' },
    })
  return getUser(id)
}

const unknownUsername = (name: string) => {
  const sentence = `There is no account called “${name}”.`
  return new Refusal(400, sentence, { errors: { username: sentence } })
}

export async function updateProfile(user: CurrentUser, input: unknown) {
  await database()
    .update(users)
    .set(check(profileChange, input))
    .where(and(eq(users.id, user.id), isNull(users.removedAt)))
}

/**
 * Turns a guest into an account, which keeps the guest's id, name and messages. With a link, they also enter where it
 * leads.
 * @returns the id of the conversation, if the link leads into one
 * @throws {Refusal} 422, 403 if the site takes no new accounts or for a link that cannot be used, 409 if the link's group
 * is full, 429
 */
export async function setFirstPassword(user: CurrentUser, input: unknown) {
  const { newPassword, link } = check(firstPassword, input)
  await requireAdmission(link)
  await spend('firstPassword', user)
  await requireUncommon(newPassword, user.username, 'newPassword')
  const passwordHash = await hashPassword(newPassword)
  const entered = await database().transaction(async (tx) => {
    const entered = link ? await enterByLink(tx, user, link) : {}
    const changed = await tx
      .update(users)
      .set({ passwordHash })
      // Another tab may have set a password, or the idle guest was removed.
      .where(and(eq(users.id, user.id), isNull(users.passwordHash), isNull(users.removedAt)))
      .returning({ id: users.id })
    if (!changed.length) throw invalid({ newPassword: 'You already set a password: reload this page.' })
    requireRegistration(await holdSettings(tx), link)
    return entered
  })
  await recordPasswordChange(user)
  await rememberAddress(user.id, user.address)
  await announce(user, entered)
  return entered.conversationId
}

/**
 * Changes the password and ends the person's other login sessions.
 * @throws {Refusal} 422 for invalid fields or a wrong current password, 403 for a guest if the site takes no new accounts,
 * 429
 */
export async function changePassword(user: CurrentUser, input: unknown) {
  if (user.isGuest) return void (await setFirstPassword(user, input))
  const { currentPassword, newPassword } = check(passwordChange, input)
  await requireUncommon(newPassword, user.username, 'newPassword')
  await requirePassword(user, currentPassword)
  const passwordHash = await hashPassword(newPassword)
  await database()
    .update(users)
    .set({ passwordHash })
    .where(and(eq(users.id, user.id), isNull(users.removedAt)))
  await recordPasswordChange(user)
  await endOtherLoginSessions(user)
}

/** @throws {Refusal} 422 for this field unless it is the person's password, 429 */
export async function requirePassword(user: CurrentUser, password: string, field = 'currentPassword') {
  const person = await findByUsername(user.username)
  if (!person?.passwordHash || !(await matches(password, person.passwordHash, user)))
    throw invalid({ [field]: 'This is not your current password.' })
}

const recordPasswordChange = ({ id, loginSessionId, address }: CurrentUser) =>
  recordSecurityEvent(id, 'password-changed', { session: loginSessionId, address })

/** The person whose password is tried, and the client, or the login session, that tries it. */
type Attempt = { id: string; address: string | null; userAgent?: string | null; loginSessionId?: string }

/**
 * Whether the password is the person's. Each attempt takes an allowance before it is checked, so that simultaneous ones
 * count too. A right password gives it back.
 * @throws {Refusal} 429
 */
async function matches(password: string, passwordHash: string, by: Attempt) {
  // Skip the per-account limit at known addresses, so that attackers elsewhere can't lock people out.
  const counted: Scope[] = (await isKnownAddress(by.id, by.address)) ? ['pair'] : ['pair', 'person']
  await spend('logIn', by, [...counted, 'address', 'network'])
  // bcrypt compares only the first 72 bytes, and no password is longer.
  const isRight = Buffer.byteLength(password) <= 72 && (await bcrypt.compare(password, passwordHash))
  if (isRight) await Promise.all([giveBack('logIn', by, counted), rememberAddress(by.id, by.address)])
  else await recordSecurityEvent(by.id, 'wrong-password', { ...by, session: by.loginSessionId })
  return isRight
}

export async function findByUsername(name: string) {
  const [row] = await database()
    .select({ id: users.id, passwordHash: users.passwordHash })
    .from(users)
    .where(and(eq(users.usernameKey, sql`lower(${name})`), isNull(users.removedAt)))
  return row
}

export async function getUser(id: string): Promise<User> {
  const [row] = await database()
    .select(userColumns)
    .from(users)
    .leftJoin(presence, eq(presence.userId, users.id))
    .where(eq(users.id, id))
  if (!row) throw new Error(`The user ${id} is gone.`)
  return toUser(row)
}
