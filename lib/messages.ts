import 'server-only'
import { randomUUID } from 'node:crypto'
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import { conversations, memberships, messages, users } from '@/db/schema'
import { missing, Refusal } from './errors'
import { check, isId, messageBody, nonce, pageSize, seq } from './fields'
import { spend } from './limits'
import type { CurrentUser } from './login-sessions'
import { requireMembership } from './memberships'
import { countMessage } from './metrics'
import { isClosed } from './pairs'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { type Person, type PersonRow, personColumns, toPerson } from './users'

export type Message = {
  id: string
  conversationId: string
  /** Its place in the conversation: 1, 2, 3, … with no gap. */
  seq: number
  sender: Person
  body: string
  nonce: string
  createdAt: string
}

/** To select from `messages` joined with its sender among `users`, for `toMessage`. */
export const messageColumns = {
  id: messages.id,
  conversationId: messages.conversationId,
  seq: messages.seq,
  body: messages.body,
  nonce: messages.nonce,
  createdAt: messages.createdAt,
}
export const senderColumns = personColumns(users)

type MessageRow = Omit<Message, 'sender' | 'createdAt'> & { createdAt: Date }

export const toMessage = (row: MessageRow, sender: PersonRow): Message => ({
  id: row.id,
  conversationId: row.conversationId,
  seq: row.seq,
  sender: toPerson(sender),
  body: row.body,
  nonce: row.nonce,
  createdAt: row.createdAt.toISOString(),
})

const draft = z.object({ body: messageBody, nonce: nonce.nullish() })

/**
 * Sends a message, once: a nonce that this person used here before gives back its message.
 * @returns the message, and whether it is new
 * @throws {Refusal} 404 unless the person is in the conversation, 403 where it is closed, 422 for faulty fields, 429
 */
export async function sendMessage(user: CurrentUser, conversationId: string, input: unknown) {
  await spend('send', user)
  const { message, isNew, told } = await storeMessage(user, conversationId, input)
  if (isNew) countMessage()
  publish(
    // Also when it is sent again: the site may have died between the commit and the events. Clients go by `seq`.
    event(conversationChannel(conversationId), 'message.created', message),
    ...told.map((id) => event(userChannel(id), 'conversation.touched', { conversationId })),
  )
  return { message, isNew }
}

/** The part of sending that the database does, in one transaction; nobody is told yet. */
export async function storeMessage(user: CurrentUser, conversationId: string, input: unknown) {
  const { body, nonce = null } = check(draft, input)
  return database().transaction(async (tx) => {
    const conversation = await lockConversation(tx, user, conversationId)
    const known = nonce && (await findByNonce(tx, user, conversationId, nonce))
    if (known) return { message: known, isNew: false, told: conversation.told }
    if (conversation.isClosed) throw new Refusal(403, 'This conversation is closed.')
    const message = await insertMessage(tx, user, conversationId, body, nonce ?? randomUUID())
    return { message, isNew: true, told: conversation.told }
  })
}

/** Holds the conversation until the commit: who sends next waits, so that `seq` has no gap and no twin. */
async function lockConversation(tx: Transaction, user: CurrentUser, id: string) {
  const [row] = isId(id)
    ? await tx
        .select({
          isClosed,
          // A room's people have it open and hear of the message itself.
          told: sql<string[]>`case when ${conversations.kind} = 'room' then '{}' else
            array(select user_id from memberships where conversation_id = ${conversations.id}) end`,
        })
        .from(conversations)
        .innerJoin(memberships, eq(memberships.conversationId, conversations.id))
        .where(and(eq(conversations.id, id), eq(memberships.userId, user.id)))
        .for('update', { of: conversations })
    : []
  if (!row) throw missing('conversation')
  return row
}

async function findByNonce(tx: Transaction, user: CurrentUser, conversationId: string, nonce: string) {
  const [row] = await tx
    .select({ message: messageColumns, sender: senderColumns })
    .from(messages)
    .innerJoin(users, eq(users.id, messages.senderId))
    .where(
      and(
        eq(messages.conversationId, conversationId),
        eq(messages.senderId, user.id),
        eq(messages.nonce, nonce),
      ),
    )
  return row && toMessage(row.message, row.sender)
}

/** Takes the next `seq`, stores the message, and moves its sender's cursors to it: one statement. */
async function insertMessage(
  tx: Transaction,
  user: CurrentUser,
  conversationId: string,
  body: string,
  nonce: string,
) {
  const [row] = await tx.execute<{ id: string; seq: string; createdAt: string }>(sql`
    with next as (
      update conversations set last_seq = last_seq + 1, last_activity_at = clock_timestamp()
      where id = ${conversationId} returning last_seq, last_activity_at
    ), cursors as (
      update memberships set last_delivered_seq = last_seq, last_read_seq = last_seq
      from next where conversation_id = ${conversationId} and user_id = ${user.id}
    )
    insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
    select ${conversationId}, last_seq, ${user.id}, ${body}, ${nonce}, last_activity_at from next
    returning id, seq, created_at as "createdAt"`)
  if (!row) throw new Error('The message was not stored.')
  const { id, seq, createdAt } = row
  return toMessage(
    { id, conversationId, seq: Number(seq), body, nonce, createdAt: new Date(createdAt) },
    user,
  )
}

/** Messages a page holds. */
export const pageLength = 50

/** The `seq` of a conversation's newest message, 0 before the first. */
export async function newestSeq(conversationId: string) {
  const [row] = await database()
    .select({ lastSeq: conversations.lastSeq })
    .from(conversations)
    .where(eq(conversations.id, conversationId))
  return row?.lastSeq ?? 0
}

const range = z.object({ before: seq.nullish(), after: seq.nullish(), limit: pageSize.default(pageLength) })

/**
 * A part of a conversation in its order: the newest messages, or those next to `before` or `after`.
 * @throws {Refusal} 404 unless the person is in the conversation, 422 for faulty bounds
 */
export async function listMessages(user: CurrentUser, conversationId: string, bounds: unknown = {}) {
  const { before, after, limit } = check(range, bounds)
  const forwards = typeof after === 'number'
  const rows = isId(conversationId)
    ? await database()
        .select({ message: messageColumns, sender: senderColumns })
        .from(messages)
        .innerJoin(memberships, eq(memberships.conversationId, messages.conversationId))
        .innerJoin(users, eq(users.id, messages.senderId))
        .where(
          and(
            eq(messages.conversationId, conversationId),
            eq(memberships.userId, user.id),
            typeof before === 'number' ? lt(messages.seq, before) : undefined,
            forwards ? gt(messages.seq, after) : undefined,
          ),
        )
        .orderBy(forwards ? asc(messages.seq) : desc(messages.seq))
        .limit(limit)
    : []
  if (!rows.length) await requireMembership(user, conversationId)
  const found = rows.map(({ message, sender }) => toMessage(message, sender))
  return forwards ? found : found.reverse()
}
