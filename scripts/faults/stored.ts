import { and, asc, eq, inArray } from 'drizzle-orm'
import { database } from '@/db/connection'
import { conversations, memberships, messages, presence, users } from '@/db/schema'
import { isOnline } from '@/lib/users'
import type { StoredMessage } from './check'

/** All stored messages. If the connection was lost, reads them again over a new one. */
export async function readMessages(): Promise<StoredMessage[]> {
  const { conversationId, seq, body } = messages
  const read = () => database().select({ conversationId, seq, body }).from(messages).orderBy(asc(seq))
  return read().catch(() => read())
}

/** One text for each of these people in a room, and one for each who is online. */
export async function readPresent(usernames: string[]) {
  const rows = await database()
    .select({ username: users.username, room: conversations.name, isOnline })
    .from(users)
    .leftJoin(presence, eq(presence.userId, users.id))
    .leftJoin(memberships, eq(memberships.userId, users.id))
    .leftJoin(
      conversations,
      and(eq(conversations.id, memberships.conversationId), eq(conversations.kind, 'room')),
    )
    .where(inArray(users.username, usernames))
  return rows.flatMap(({ username, room, isOnline }) => [
    ...(room ? [`${username} in ${room}`] : []),
    ...(isOnline ? [`${username} online`] : []),
  ])
}
