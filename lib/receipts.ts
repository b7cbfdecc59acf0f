import 'server-only'
import { and, eq, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { conversations, memberships } from '@/db/schema'
import { check, isId, seq } from './fields'
import { spend } from './limits'
import type { CurrentUser } from './login-sessions'
import { requireMembership } from './memberships'
import { isClosed } from './pairs'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'

const mark = z.object({ seq })

/**
 * Marks a conversation read up to `seq`, never back and never beyond its newest message.
 * @throws {Refusal} 404 unless the person is in it, 429
 */
export async function markRead(user: CurrentUser, conversationId: string, input: unknown) {
  const { seq } = check(mark, input)
  await spend('markRead', user)
  const upTo = sql<number>`least(${seq}, ${conversations.lastSeq})`
  const [moved] = isId(conversationId)
    ? await database()
        .update(memberships)
        .set({ lastReadSeq: upTo, lastDeliveredSeq: sql`greatest(${memberships.lastDeliveredSeq}, ${upTo})` })
        .from(conversations)
        .where(
          and(
            eq(memberships.conversationId, conversationId),
            eq(memberships.userId, user.id),
            eq(conversations.id, memberships.conversationId),
            lt(memberships.lastReadSeq, upTo),
          ),
        )
        .returning(receiptColumns)
    : []
  if (!moved) return requireMembership(user, conversationId)
  tell([moved])
  publish(event(userChannel(user.id), 'conversation.touched', { conversationId }))
}

/** Marks everything the person was sent as delivered: their client has just loaded it. */
export async function markDelivered(user: CurrentUser) {
  const moved = await database()
    .update(memberships)
    .set({ lastDeliveredSeq: sql`${conversations.lastSeq}` })
    .from(conversations)
    .where(
      and(
        eq(memberships.userId, user.id),
        eq(conversations.id, memberships.conversationId),
        lt(memberships.lastDeliveredSeq, conversations.lastSeq),
      ),
    )
    .returning(receiptColumns)
  tell(moved)
}

const receiptColumns = {
  conversationId: memberships.conversationId,
  kind: conversations.kind,
  isClosed,
  userId: memberships.userId,
  lastDeliveredSeq: memberships.lastDeliveredSeq,
  lastReadSeq: memberships.lastReadSeq,
}

type Moved = {
  conversationId: string
  kind: string
  isClosed: boolean
  userId: string
  lastDeliveredSeq: number
  lastReadSeq: number
}

// In a room, sending everyone's receipts to everyone would grow with the square of its people. In a closed conversation
// nobody sees how far the other has read.
const tell = (moved: Moved[]) =>
  publish(
    ...moved
      .filter(({ kind, isClosed }) => kind !== 'room' && !isClosed)
      .map(({ kind, isClosed, ...receipt }) =>
        event(conversationChannel(receipt.conversationId), 'receipt.updated', receipt),
      ),
  )
