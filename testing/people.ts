import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { after } from 'node:test'
import bcrypt from 'bcrypt'
import { eq } from 'drizzle-orm'
import { database } from '@/db/connection'
import { users } from '@/db/schema'
import { enterRoom } from '@/lib/attendance'
import { openDirectConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { startLoginSession } from '@/lib/login-sessions'
import { sendMessage } from '@/lib/messages'
import { noteRequest } from '@/lib/presence'
import { published } from '@/lib/realtime/publish'
import { shownName } from '@/lib/users'
import { type Answer, type Ask, ask } from './site'

export type TestPerson = CurrentUser & {
  token: string
  /** Asks the HTTP API as this person, with their token. */
  asks: (path: string, options?: Ask) => Promise<Answer>
}

type Details = {
  firstName?: string
  lastName?: string
  username?: string
  isGuest?: boolean
  client?: 'browser'
}

// The process of a test file ends when nothing is open any more.
after(async () => {
  await published()
  await database().$client.end()
})

/** Letters and digits that no other test uses. */
export const unique = () => randomBytes(5).toString('hex')

/** An id as Soketi gives its sockets, which no other test uses. */
export const socketId = () => `${randomInt(1e10)}.${randomInt(1e10)}`

/**
 * A person with a login session, who has asked for nothing yet and so is offline. There is no
 * password: its hash takes long, and where it is the subject a test registers.
 */
export async function person(name = 'ada', details: Details = {}): Promise<TestPerson> {
  const { firstName = null, lastName = null, isGuest = false } = details
  const username = details.username ?? `${name}-${unique()}`
  const [row] = await database()
    .insert(users)
    .values({ username, firstName, lastName, passwordHash: isGuest ? null : 'none' })
    .returning()
  if (!row) throw new Error('The person was not stored.')
  const { id, gender } = row
  return withSession({ id, username, name: shownName(row), firstName, lastName, gender, isGuest })
}

export const password = 'correct horse'

/** Somebody with that password, whose hash is quick to check. */
export async function account(name?: string) {
  const somebody = await person(name)
  const passwordHash = await bcrypt.hash(password, 4)
  await database().update(users).set({ passwordHash }).where(eq(users.id, somebody.id))
  return somebody
}

export const people = (...names: string[]) => Promise.all(names.map((name) => person(name)))

/** Somebody, online. */
export async function onlinePerson(name?: string, details?: Details) {
  const somebody = await person(name, details)
  await noteRequest(somebody.id)
  return somebody
}

export const testOrigin = { userAgent: 'a test', address: '127.0.0.1' }

/** The same person by way of another login session. */
export async function withSession(
  user: Omit<CurrentUser, 'loginSessionId' | 'address'>,
): Promise<TestPerson> {
  const { id, token } = await startLoginSession(user.id, 'api', testOrigin)
  return {
    ...user,
    address: testOrigin.address,
    loginSessionId: id,
    token,
    asks: (path, options) => ask(path, { token, ...options }),
  }
}

/** Two people with a conversation between them. */
export async function friends(one = 'ada', other = 'bob') {
  const [ada, bob] = await Promise.all([person(one), person(other)])
  return { ada, bob, id: await conversationOf(ada, bob) }
}

export async function conversationOf(one: CurrentUser, other: CurrentUser) {
  const id = await database().transaction((tx) => openDirectConversation(tx, one.id, other.id))
  if (!id) throw new Error('The conversation was not made.')
  return id
}

export async function say(user: CurrentUser, conversationId: string, body = 'hello', nonce = randomUUID()) {
  const { message } = await sendMessage(user, conversationId, { body, nonce })
  return message
}

/** Says it in a room; who has no tab or stream open there has left after a while, and comes back for it. */
export async function sayInRoom(user: CurrentUser, roomId: string, body?: string) {
  await enterRoom(user, roomId)
  return say(user, roomId, body)
}
