import 'server-only'
import { randomInt } from 'node:crypto'
import { and, inArray, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { loginSessions, users } from '@/db/schema'
import { findByUsername, getUser, logInTo, register, usernameTaken } from './accounts'
import { requireGuests } from './admission'
import { isBarred } from './barred-names'
import type { Origin } from './current-user'
import { invalid, Refusal } from './errors'
import { anyPassword, anyUsername, check, username } from './fields'
import { spend } from './limits'
import { holdSettings } from './site-settings'
import type { User } from './views'

const guest = z.object({ username: username.optional() })
export const sessionRequest = z.object({ username: anyUsername.optional(), password: anyPassword.optional() })

/**
 * Creates a temporary account without a password, with the given username or a generated one.
 * @throws {Refusal} 422 for an invalid username, 403 if the site takes no guests, 409 if the name is taken, 429
 */
export async function createGuest(input: unknown, { address }: Origin): Promise<User> {
  const { username } = check(guest, input)
  await spend('guest', { address })
  if (username && (await isBarred(username))) throw usernameTaken()
  return insertGuest(username)
}

async function insertGuest(wanted: string | undefined): Promise<User> {
  const [created] = await database().transaction(async (tx) => {
    requireGuests(await holdSettings(tx))
    return tx
      .insert(users)
      .values({ username: wanted ?? generatedName() })
      .onConflictDoNothing()
      .returning({ id: users.id })
  })
  if (created) return getUser(created.id)
  if (wanted) throw usernameTaken()
  return insertGuest(undefined)
}

const generatedName = () =>
  `guest-${randomInt(36 ** 5)
    .toString(36)
    .padStart(5, '0')}`

/**
 * Finds or creates the user for `POST /api/session`: without a username an anonymous guest, with a free username a
 * temporary account, with a username and password an account, which is created if the name is free.
 * @throws {Refusal} 401 if the username is taken or the password is wrong, 403 if the site takes no new accounts or
 * guests, 429
 */
export async function startSession(input: unknown, origin: Origin): Promise<User> {
  const { username, password } = check(sessionRequest, input)
  if (!username && password) throw invalid({ username: 'Write a username.' })
  if (!username) return createGuest({}, origin)
  const existing = await findByUsername(username)
  if (!existing && !(await isBarred(username))) {
    const created = await unlessTaken(
      password ? register({ username, password }, origin) : createGuest({ username }, origin),
    )
    if (created) return created
  } else if (existing?.passwordHash && password)
    // By id and not by name, which a guest may have taken meanwhile.
    return logInTo(existing.id, existing.passwordHash, password, origin)
  else {
    await spend('guest', origin)
    throw new Refusal(401, `The name “${username}” is in use.`)
  }
  // The name was taken after it was looked up: start again.
  return startSession(input, origin)
}

const unlessTaken = (creating: Promise<User>) =>
  creating.catch((error) => {
    if (error instanceof Refusal && error.status === 409) return undefined
    throw error
  })

/** Removes guests who have been idle for a day, and their login sessions. Their messages stay under their name. */
export async function removeIdleGuests() {
  const idle = database()
    .update(users)
    .set({ removedAt: sql`now()` })
    .where(
      and(
        isNull(users.passwordHash),
        isNull(users.removedAt),
        sql`${users.createdAt} < now() - interval '1 day'`,
        sql`not exists (select from login_sessions where user_id = ${users.id} and last_seen_at > now() - interval '1 day')`,
        sql`not exists (select from presence where user_id = ${users.id} and connected_until > now() - interval '1 day')`,
      ),
    )
    .returning({ id: users.id })
  // One statement, so that no removed guest keeps a login session.
  const removed = database().$with('removed').as(idle)
  await database()
    .with(removed)
    .delete(loginSessions)
    .where(inArray(loginSessions.userId, database().select({ id: removed.id }).from(removed)))
}
