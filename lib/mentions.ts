import 'server-only'
import { type SQLWrapper, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { preparedSql } from '@/db/prepared'
import type { CurrentUser } from './current-user'
import { excerptLength } from './excerpt'
import { personObject } from './message-rows'
import { userChannel } from './realtime/channels'
import { event } from './realtime/publish'
import { type PersonRow, toPerson } from './users'
import type { Mention } from './views'

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

/**
 * Makes a message mention the people with these names and no others. People whom it mentioned before stay mentioned, even
 * if they could not be any more, because they have left or blocked the sender since.
 * @returns the ids of those who were added or removed
 */
export async function setMentions(tx: Transaction, { conversationId, seq, senderId, names }: Edited) {
  const are = isMentioned({
    conversationId: sql`${conversationId}::uuid`,
    senderId: sql`${senderId}::uuid`,
    names: sql.param(names),
  })
  const rows = await tx.execute<{ id: string }>(sql`
    with removed as (
      delete from mentions using users where conversation_id = ${conversationId} and seq = ${seq}
        and id = user_id and username_key <> all(${sql.param(names)}::text[]) returning user_id),
    added as (
      insert into mentions (conversation_id, seq, user_id)
      select ${conversationId}, ${seq}, id from users where ${are} on conflict do nothing returning user_id)
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

const userId = sql.placeholder('userId')

// The latest in each of the person's conversations and then the latest of all, so that mentions in conversations they
// have left, of which there may be many, are not read. As a parameter the limit would be unknown to the plan.
const selectMentions = preparedSql<Row>(sql`
  select messages.conversation_id as "conversationId", kind, conversations.name, messages.seq::float8,
    left(body, ${sql.raw(String(excerptLength))}) as excerpt, messages.created_at as "createdAt",
    ${personObject('users')} as sender, messages.seq <= last_read_seq as "isRead"
  from (
    select mention.*, last_read_seq from memberships cross join lateral (
      select conversation_id, seq, created_at from mentions
      where mentions.user_id = memberships.user_id and mentions.conversation_id = memberships.conversation_id
      order by seq desc limit 100) as mention
    where user_id = ${userId} order by created_at desc limit 100
  ) as latest
    join conversations on conversations.id = conversation_id
    join messages on (messages.conversation_id, messages.seq) = (latest.conversation_id, latest.seq)
    join users on users.id = sender_id
  where not exists (select from blocks where blocker_id = ${userId} and blocked_id = sender_id)
  order by latest.created_at desc`)

type Row = Omit<Mention, 'sender' | 'createdAt'> & { sender: PersonRow; createdAt: string }

/**
 * The last 100 mentions of the person in conversations that they are in, the newest first. Those by people whom they
 * have blocked are left out.
 */
export async function listMentions(user: CurrentUser): Promise<Mention[]> {
  const rows = await selectMentions({ userId: user.id })
  return rows.map(({ sender, createdAt, ...row }) => ({
    ...row,
    sender: toPerson(sender),
    createdAt: new Date(createdAt).toISOString(),
  }))
}
