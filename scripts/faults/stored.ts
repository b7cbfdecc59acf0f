import { and, eq, inArray, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { conversations, memberships, presence, users } from '@/db/schema'
import { isOnline } from '@/lib/users'
import type { StoredMessage } from './check'

/** All stored messages with their changes. If the connection was lost, reads them again over a new one. */
export async function readMessages(): Promise<StoredMessage[]> {
  const read = async () => [
    ...(await database().execute<StoredMessage>(sql`
      select conversation_id as "conversationId", seq::int, body, deleted_at is not null as "isDeleted",
        first_seq::int as "firstSeq",
        array(
          select body from message_versions
          where (conversation_id, seq) = (messages.conversation_id, messages.seq) order by version
        ) as earlier,
        coalesce((
          select string_agg(emoji || count, ' ' order by emoji)
          from (
            select emoji, count(*) from reactions
            where (conversation_id, seq) = (messages.conversation_id, messages.seq) group by emoji
          ) as kinds), '') as reactions
      from messages left join message_changes using (conversation_id, seq)
        join conversations on conversations.id = conversation_id
      order by seq`)),
  ]
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
