import 'server-only'
import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { preparedSql } from '@/db/prepared'
import { isUndelivered } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { check, isId, seq } from './fields'
import { groupSize } from './group-size'
import { spend } from './limits'
import { unreadMentions } from './mentions'
import { saidUpTo } from './message-rows'
import { isClosed } from './pairs'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'

export const readMark = z.object({
  seq: seq.meta({
    description: 'The newest message that was read. Smaller numbers than before change nothing.',
  }),
})
const noConversation = 'Give a conversation’s id.'
const report = z.object({
  receipts: z
    .array(
      z.object(
        {
          conversationId: z.string(noConversation).refine(isId, noConversation),
          delivered: seq.default(0),
          read: seq.default(0),
        },
        'Give objects with a conversationId.',
      ),
      'Give a list of receipts.',
    )
    .min(1, 'Give at least one receipt.')
    .max(100, 'Give at most 100 receipts.'),
})

/**
 * Marks a conversation read up to `seq`, never back and never beyond its newest message.
 * @throws {Refusal} 404 unless the person is in it, 429
 */
export async function markRead(user: CurrentUser, conversationId: string, input: unknown) {
  const { seq } = check(readMark, input)
  await spend('markRead', user)
  if (!isId(conversationId)) throw missing('conversation')
  await moveReported(user, [{ conversationId, delivered: seq, read: seq }])
}

/**
 * Stores a page's report of how far messages were delivered and read, in several conversations. Conversations that the
 * person is not in are ignored, because they may have left a room meanwhile.
 * @throws {Refusal} 422 for invalid fields, 404 if the person is in none of them, 429
 */
export async function reportReceipts(user: CurrentUser, input: unknown) {
  const { receipts } = check(report, input)
  await spend('markRead', user)
  await moveReported(user, receipts)
}

async function moveReported(user: CurrentUser, receipts: z.infer<typeof report>['receipts']) {
  const rows = await moveToReported({ userId: user.id, receipts: JSON.stringify(receipts) })
  if (!rows.length) throw missing('conversation')
  publishMoved(user, rows)
}

/** Marks all messages to the person as delivered, because their client has just loaded its overview. */
export async function markDelivered(user: CurrentUser) {
  publishMoved(user, await moveToNewest({ userId: user.id }))
}

const userId = sql.placeholder('userId')

/**
 * Moves a person's cursors to the rows that `reported` selects (conversation, delivered, read).
 * @returns a row for each of these conversations that the person is in
 */
const moveCursors = (reported: SQL) =>
  preparedSql<Row>(sql`
    with reported (conversation_id, delivered, read) as (${reported}),
    -- Locks in the same order in every transaction, so that two tabs cannot deadlock.
    before as (
      select conversation_id, last_read_seq as was_read
      from memberships join reported using (conversation_id) join conversations on id = conversation_id
      where user_id = ${userId} and (last_delivered_seq < ${upTo('delivered')} or last_read_seq < ${upTo('read')})
      order by conversation_id for no key update of memberships
    ),
    moved as (
      update memberships set
        last_delivered_seq = greatest(last_delivered_seq, ${upTo('delivered')}),
        last_read_seq = greatest(last_read_seq, ${upTo('read')})
      from before join reported using (conversation_id) join conversations on id = conversation_id
      where memberships.conversation_id = id and user_id = ${userId}
      returning id, last_delivered_seq::float8, last_read_seq::float8, ${saidUpTo(sql`last_read_seq`)}::float8 as read_said,
        case when exists (select from mentions where mentions.conversation_id = id and mentions.user_id = ${userId}
          and seq > was_read and seq <= last_read_seq) then ${unreadMentions} end as mentions,
        last_read_seq > was_read as has_read, not ${isClosed} and ${hasReceipts} as is_shown
    )
    select conversation_id as "conversationId", moved.last_delivered_seq as "lastDeliveredSeq",
      moved.last_read_seq as "lastReadSeq", read_said as "readSaid", mentions, has_read as "hasRead", is_shown as "isShown"
    from memberships join reported using (conversation_id) left join moved on id = conversation_id
    where user_id = ${userId}`)

/** False in rooms and large groups. */
const hasReceipts = sql`case kind when 'group' then
  (select count(*) from memberships as member where member.conversation_id = conversations.id) <= ${sql.raw(String(groupSize.withReceipts))}
  else kind = 'direct' end`

const upTo = (cursor: 'delivered' | 'read') => sql`least(${sql.identifier(cursor)}, last_seq)`

const moveToReported = moveCursors(sql`
  select "conversationId", max(greatest(delivered, read)), max(read)
  from jsonb_to_recordset(${sql.placeholder('receipts')}::jsonb)
    as reported ("conversationId" uuid, delivered bigint, read bigint)
  group by 1`)

// Rooms have no delivery receipts.
const moveToNewest = moveCursors(sql`
  select conversation_id, newest_seq, 0
  from memberships where user_id = ${userId} and last_read_seq < newest_seq and ${isUndelivered}`)

type Row = {
  conversationId: string
  /** Null, like all that follow, if no cursor moved. */
  lastDeliveredSeq: number | null
  lastReadSeq: number | null
  readSaid: number | null
  /** How many unread messages mention the person, if that changed. */
  mentions: number | null
  hasRead: boolean | null
  /** False in rooms and large groups, where receipts would grow with the square of the people, and where it is closed. */
  isShown: boolean | null
}

const publishMoved = (user: CurrentUser, rows: Row[]) =>
  publish(
    ...rows.flatMap(({ conversationId, lastDeliveredSeq, lastReadSeq, hasRead, isShown, ...read }) => {
      if (lastDeliveredSeq === null || lastReadSeq === null) return []
      const receipt = { conversationId, userId: user.id, lastDeliveredSeq, lastReadSeq }
      return [
        ...(isShown ? [event(conversationChannel(conversationId), 'receipt.updated', receipt)] : []),
        ...(hasRead
          ? [
              event(userChannel(user.id), 'conversation.touched', {
                conversationId,
                lastReadSeq,
                readSaid: read.readSaid ?? undefined,
                mentions: read.mentions ?? undefined,
              }),
            ]
          : []),
      ]
    }),
  )
