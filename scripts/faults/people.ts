import { database } from '@/db/connection'
import { register } from '@/lib/accounts'
import { openDirectConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { findByToken, startLoginSession } from '@/lib/login-sessions'
import { joinRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'

/** Somebody with one login session, for the API and for a browser. */
export type Somebody = CurrentUser & { token: string; cookie: string }
/** A conversation; rooms go by their names too. */
export type Place = { id: string; room?: string }

const origin = { userAgent: null, address: null }

export async function somebody(username: string): Promise<Somebody> {
  const { id } = await register({ username, password: 'correct horse battery staple' }, origin)
  const { token } = await startLoginSession(id, 'api', origin)
  const user = await findByToken(token)
  if (!user) throw new Error('The token is not known.')
  return { ...user, token, cookie: await cookieOf(user) }
}

export async function direct(one: Somebody, other: Somebody): Promise<Place> {
  const id = await database().transaction((tx) => openDirectConversation(tx, one.id, other.id))
  if (!id) throw new Error('The conversation was not made.')
  return { id }
}

export async function room(person: Somebody, name: string): Promise<Place> {
  const { id } = await joinRoom(person, { name })
  return { id, room: name }
}
