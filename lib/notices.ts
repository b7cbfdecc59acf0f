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

/**
 * Replaces the username of a deleted person in the notices of a group that is locked. Each counts as a change, so that
 * clients find it. They notice that they missed it at the notice that the person left.
 */
export async function renameInNotices(tx: Transaction, conversationId: string, username: string) {
  const rows = await tx.execute<{ seq: string; body: string }>(sql`
    select seq, body from notices join messages using (conversation_id, seq)
    where conversation_id = ${conversationId} and strpos(body, ${username}) > 0 order by seq`)
  const renamed = rows.flatMap(({ seq, body }) => {
    const without = withoutName(body, username)
    return without === body ? [] : { seq: Number(seq), body: without }
  })
  await tx.execute(sql`
    with renamed as (
      select seq, body, row_number() over (order by seq) as number
      from jsonb_to_recordset(${JSON.stringify(renamed)}::jsonb) as renamed (seq bigint, body text)),
    written as (
      update messages set body = renamed.body from renamed
      where messages.conversation_id = ${conversationId} and messages.seq = renamed.seq),
    counted as (
      update conversations set version = version + ${renamed.length}
      where id = ${conversationId} returning version - ${renamed.length} as before)
    insert into message_changes (conversation_id, seq, version)
    select ${conversationId}, seq, before + number from renamed, counted
    on conflict (conversation_id, seq) do update set version = excluded.version`)
}

/** A group's title may contain the name too: it stays as it is. */
export function withoutName(body: string, username: string) {
  const name = username.replaceAll('.', '\\.')
  const places = [`^${name}(?= )`, `(?<= (?:invited|removed) )${name}$`, `(?<= made )${name}(?= an owner$)`]
  return body.replace(new RegExp(places.join('|'), 'g'), 'Deleted person')
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
