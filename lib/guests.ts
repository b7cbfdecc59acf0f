import 'server-only'
import { randomInt } from 'node:crypto'
import { and, inArray, isNull, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { loginSessions, users } from '@/db/schema'
import { findByUsername, getUser, logInTo, register, usernameTaken } from './accounts'
import type { Origin } from './current-user'
import { invalid, Refusal } from './errors'
import { anyPassword, anyUsername, check, username } from './fields'
import { spend } from './limits'
import type { User } from './views'

const guest = z.object({ username: username.optional() })
const session = z.object({ username: anyUsername.optional(), password: anyPassword.optional() })

/**
 * Makes a temporary person without a password: with the username, or a generated one.
 * @throws {Refusal} 422 for a faulty username, 409 for one that is taken, 429
 */
export async function createGuest(input: unknown, { address }: Origin): Promise<User> {
  const { username } = check(guest, input)
  await spend('guest', { address })
  return makeGuest(username)
}

async function makeGuest(wanted: string | undefined): Promise<User> {
  const [created] = await database()
    .insert(users)
    .values({ username: wanted ?? generatedName() })
    .onConflictDoNothing()
    .returning({ id: users.id })
  if (created) return getUser(created.id)
  if (wanted) throw usernameTaken()
  return makeGuest(undefined)
}

const generatedName = () =>
  `guest-${randomInt(36 ** 5)
    .toString(36)
    .padStart(5, '0')}`

/**
 * What `POST /api/session` takes: nothing for an anonymous guest, a free username for a temporary
 * person, with a password for an account, which is made where the name is free.
 * @throws {Refusal} 401 for a username that exists, or whose password it is not, 429
 */
export async function startSession(input: unknown, origin: Origin): Promise<User> {
  const { username, password } = check(session, input)
  if (!username && password) throw invalid({ username: 'Write a username.' })
  if (!username) return createGuest({}, origin)
  const existing = await findByUsername(username)
  if (!existing) {
    const made = await unlessTaken(
      password ? register({ username, password }, origin) : createGuest({ username }, origin),
    )
    if (made) return made
  } else if (existing.passwordHash && password)
    // Not by name again, which a guest may have taken meanwhile.
    return logInTo(existing.id, existing.passwordHash, password, origin.address)
  else {
    await spend('guest', origin)
    throw new Refusal(401, `The name “${username}” is in use.`)
  }
  // Taken since it was looked for.
  return startSession(input, origin)
}

const unlessTaken = (making: Promise<User>) =>
  making.catch((error) => {
    if (error instanceof Refusal && error.status === 409) return undefined
    throw error
  })

/** Removes the guests who have been idle for a day, with their login sessions. What they said stays, under their name. */
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
