import { database } from '@/db/connection'
import { register } from '@/lib/accounts'
import { openDirectConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { findByToken, startLoginSession } from '@/lib/login-sessions'
import { joinRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'

/** A person with one login session, for the API and for a browser. */
export type Participant = CurrentUser & { token: string; cookie: string }
/** A conversation's id, and its name if it is a room. */
export type Target = { id: string; room?: string }

const origin = { userAgent: null, address: null }

export async function createParticipant(username: string): Promise<Participant> {
  const { id } = await register({ username, password: 'correct horse battery staple' }, origin)
  const { token } = await startLoginSession(id, 'api', origin)
  const user = await findByToken(token)
  if (!user) throw new Error('The token is unknown.')
  return { ...user, token, cookie: await cookieOf(user) }
}

export async function openDirect(one: Participant, other: Participant): Promise<Target> {
  const id = await database().transaction((tx) => openDirectConversation(tx, one.id, other.id))
  if (!id) throw new Error('The conversation was not created.')
  return { id }
}

export async function createRoom(person: Participant, name: string): Promise<Target> {
  const { id } = await joinRoom(person, { name })
  return { id, room: name }
}
