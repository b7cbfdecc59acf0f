import 'server-only'
import { type SQLWrapper, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { userChannel } from './realtime/channels'
import { event } from './realtime/publish'

/** How many unread messages mention the person of a row of `memberships`, counted up to 100. */
export const unreadMentions = sql<number>`(select count(*)::int from (
  select from mentions where user_id = memberships.user_id and conversation_id = memberships.conversation_id
    and seq > memberships.last_read_seq limit 100) as unread)`

type Mentioning = { conversationId: SQLWrapper; senderId: SQLWrapper; names: SQLWrapper }

/** Whether a person of `users` is mentioned by a message with these names: they can read it, and did not block its sender. */
export const isMentioned = ({ conversationId, senderId, names }: Mentioning) => sql`
  username_key = any(${names}::text[]) and removed_at is null and users.id <> ${senderId}
  and exists (select from memberships where conversation_id = ${conversationId} and user_id = users.id)
  and not exists (select from blocks where blocker_id = users.id and blocked_id = ${senderId})`

type Edited = { conversationId: string; seq: number; senderId: string; names: string[] }

/** Makes a message mention these people and no others. @returns the ids of those who were added or removed */
export async function setMentions(tx: Transaction, { conversationId, seq, senderId, names }: Edited) {
  const are = isMentioned({
    conversationId: sql`${conversationId}::uuid`,
    senderId: sql`${senderId}::uuid`,
    names: sql.param(names),
  })
  const rows = await tx.execute<{ id: string }>(sql`
    with mentioned as (select id from users where ${are}),
    removed as (
      delete from mentions where conversation_id = ${conversationId} and seq = ${seq}
        and user_id not in (select id from mentioned) returning user_id),
    added as (
      insert into mentions (conversation_id, seq, user_id)
      select ${conversationId}, ${seq}, id from mentioned on conflict do nothing returning user_id)
    select user_id as id from removed union all select user_id from added`)
  return rows.map(({ id }) => id)
}

/** The events for those of these people who have not read the message yet: their counts have changed. */
export async function mentionEvents(conversationId: string, seq: number, userIds: string[]) {
  if (!userIds.length) return []
  const rows = await database().execute<{ userId: string; mentions: number }>(sql`
    select user_id as "userId", ${unreadMentions} as mentions from memberships
    where conversation_id = ${conversationId} and user_id = any(${sql.param(userIds)}::uuid[]) and last_read_seq < ${seq}`)
  return rows.map(({ userId, mentions }) =>
    event(userChannel(userId), 'conversation.touched', { conversationId, mentions }),
  )
}
