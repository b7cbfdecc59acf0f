import 'server-only'
import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { noticesUpTo, toNewest, toShared } from './message-rows'
import { plainMessage } from './plain-message'
import { conversationChannel, userChannel } from './realtime/channels'
import type { Touched } from './realtime/events'
import { event } from './realtime/publish'
import type { Message, Person } from './views'

/** A stored notice, the ids of the members who are to receive it, and the conversation's version. */
export type Notice = { message: Message; members: string[]; version: number }

type Stored = {
  id: string
  seq: string
  number: string
  createdAt: string
  version: string
  members: string[]
}

/**
 * Stores a message that tells what happened in a group, and moves the group to the top of its members' lists. The
 * transaction must have locked the conversation before (groups.ts), so that notices are numbered without gaps.
 */
export async function addNotice(
  tx: Transaction,
  conversationId: string,
  sender: Person,
  body: string,
): Promise<Notice> {
  const nonce = randomUUID()
  const [row] = await tx.execute<Stored>(sql`
    with conversation as (
      update conversations set last_seq = last_seq + 1,
        last_activity_at = greatest(last_activity_at, clock_timestamp())
      where id = ${conversationId} returning id, last_seq, last_activity_at, version),
    member as (
      update memberships set active_at = last_activity_at, newest_seq = last_seq
      from conversation where conversation_id = id returning user_id),
    message as (
      insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
      select id, last_seq, ${sender.id}, ${body}, ${nonce}, last_activity_at from conversation
      returning id, seq, created_at),
    notice as (
      insert into notices (conversation_id, seq, number)
      select id, last_seq, 1 + ${noticesUpTo(sql`id`, sql`last_seq`)}
      from conversation returning number)
    select message.id, message.seq, number, created_at as "createdAt", version, array(select user_id from member) as members
    from conversation, message, notice`)
  if (!row) throw new Error('The notice was not stored.')
  const { id, createdAt, members } = row
  const [seq, number, version] = [row.seq, row.number, row.version].map(Number) as [number, number, number]
  const message: Message = {
    id,
    conversationId,
    ...plainMessage,
    seq,
    said: seq - number,
    kind: 'notice',
    sender: { id: sender.id, username: sender.username, name: sender.name },
    body,
    nonce,
    createdAt: new Date(createdAt).toISOString(),
  }
  return { message, members, version }
}

/** The events for a group's members about a notice, with what else changed in their lists. */
export const noticeEvents = (
  { message, members, version }: Notice,
  changes: Omit<Touched, 'conversationId'> = {},
) => [
  event(conversationChannel(message.conversationId), 'message.created', {
    ...toShared(message),
    conversationVersion: version,
  }),
  event(members.map(userChannel), 'conversation.touched', {
    conversationId: message.conversationId,
    newest: toNewest(message),
    ...changes,
  }),
]
