import 'server-only'
import { randomUUID } from 'node:crypto'
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { prepared, preparedSql } from '@/db/prepared'
import { conversations, memberships, messages, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { isUniqueViolation, missing, Refusal } from './errors'
import { check, isId, messageBody, nonce, pageSize, seq } from './fields'
import { allowancesOf, forEachCount, lastPart, refuse, spend, takeParts, takeValues } from './limits'
import { requireMembership } from './memberships'
import { countMessage } from './metrics'
import { isClosed } from './pairs'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { type PersonRow, personColumns, toPerson } from './users'
import type { Message, Newest } from './views'

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

/** A message as lists of conversations show it, with its body cut to 200 characters. */
export const toNewest = ({ seq, sender, body, createdAt }: Newest): Newest => ({
  seq,
  sender,
  // Characters are code points, each at most two UTF-16 units.
  body: [...body.slice(0, 400)].slice(0, 200).join(''),
  createdAt,
})

export const messageDraft = z.object({ body: messageBody, nonce: nonce.nullish() })

/**
 * Sends a message, once: a nonce that this person used here before gives back its message.
 * @returns the message, and whether it is new
 * @throws {Refusal} 422 for faulty fields, 404 unless the person is in the conversation, 403 where it is closed, 429
 */
export async function sendMessage(user: CurrentUser, conversationId: string, input: unknown) {
  const { message, isNew, members } = await storeMessage(user, conversationId, input)
  if (isNew) countMessage()
  publish(
    // Also for a repeated send, because the site may have died between the commit and the events. Clients ignore a
    // known `seq`.
    event(conversationChannel(conversationId), 'message.created', message),
    event(members.map(userChannel), 'conversation.touched', { conversationId, newest: toNewest(message) }),
  )
  return { message, isNew }
}

/** The database's part of `sendMessage`, without notifying anyone. */
export async function storeMessage(
  user: CurrentUser,
  conversationId: string,
  input: unknown,
): Promise<Stored> {
  const { body, nonce } = check(messageDraft, input)
  if (!isId(conversationId)) throw missing('conversation')
  const stored = await insertMessage(user, conversationId, body, nonce ?? randomUUID())
  if (stored) return stored
  const known = nonce && (await findByNonce(user, conversationId, nonce))
  if (known) return known
  await requireMembership(user, conversationId)
  throw new Refusal(403, 'This conversation is closed.')
}

/**
 * `members` are the people to notify in their lists: nobody in a room, because they have it open and receive the
 * message itself.
 */
type Stored = { message: Message; isNew: boolean; members: string[] }

const members = sql<string[]>`case when ${conversations.kind} = 'room' then '{}' else
  array(select user_id from memberships where conversation_id = ${conversations.id}) end`

const value = sql.placeholder

/**
 * One statement that takes the allowances and the next `seq`, stores the message, moves the sender's cursors to it,
 * and moves the conversation to the top of its members' lists. It requires membership of a conversation that isn't
 * closed. The conversation's row stays locked until the commit and the next sender waits for it, so every `seq` is used
 * exactly once.
 */
const insert = forEachCount((count) =>
  preparedSql<Inserted>(sql`with ${sql.join(
    [
      ...takeParts(count),
      sql`conversation as (
        update conversations set last_seq = last_seq + 1,
          -- The computer's clock may be set back, but the order of the messages and of lists must stay.
          last_activity_at = greatest(last_activity_at, clock_timestamp())
        from memberships ${count ? sql`, ${lastPart(count)}` : sql``}
        where ${conversations.id} = ${value('conversationId')} and not ${isClosed}
          and memberships.conversation_id = ${conversations.id} and memberships.user_id = ${value('userId')}
        returning ${conversations.id}, last_seq, last_activity_at, ${members} as members,
          case when kind <> 'room' then last_activity_at end as active_at,
          case when kind <> 'room' then last_seq end as newest_seq)`,
      sql`sender as (
        update memberships set last_delivered_seq = last_seq, last_read_seq = last_seq,
          active_at = conversation.active_at, newest_seq = conversation.newest_seq
        from conversation where conversation_id = conversation.id and user_id = ${value('userId')})`,
      sql`others as (
        update memberships set active_at = conversation.active_at, newest_seq = conversation.newest_seq
        from conversation where conversation_id = conversation.id and user_id <> ${value('userId')}
          and conversation.newest_seq is not null)`,
      sql`message as (
        insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
        select id, last_seq, ${value('userId')}, ${value('body')}, ${value('nonce')}, last_activity_at from conversation
        returning id, seq, created_at)`,
    ],
    sql`, `,
  )}
  select ${count ? sql`exists (select from ${lastPart(count)})` : sql`true`} as "isAllowed", message.id, seq,
    created_at as "createdAt", members
  from (select) as always left join message on true left join conversation on true`),
)
type Inserted = { isAllowed: boolean; members: string[]; createdAt: string } & (
  | { id: string; seq: string }
  | { id: null }
)

/** @returns undefined if the nonce is known, or if the person may not send there */
async function insertMessage(
  user: CurrentUser,
  conversationId: string,
  body: string,
  nonce: string,
): Promise<Stored | undefined> {
  const allowances = allowancesOf('send', user)
  const values = { ...takeValues(allowances), conversationId, userId: user.id, body, nonce }
  try {
    const [row] = (await insert[allowances.length]?.(values)) ?? []
    if (!row?.isAllowed) return await refuse('send', user, allowances)
    if (row.id === null) return undefined
    const { id, seq, createdAt, members } = row
    const stored = { id, conversationId, seq: Number(seq), body, nonce, createdAt: new Date(createdAt) }
    return { message: toMessage(stored, user), isNew: true, members }
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    // The nonce is known, and the failed statement took no allowance.
    await spend('send', user)
  }
}

const selectByNonce = prepared((db) =>
  db
    .select({ message: messageColumns, sender: senderColumns, members })
    .from(messages)
    .innerJoin(conversations, eq(conversations.id, messages.conversationId))
    .innerJoin(
      memberships,
      and(eq(memberships.conversationId, conversations.id), eq(memberships.userId, messages.senderId)),
    )
    .innerJoin(users, eq(users.id, messages.senderId))
    .where(
      and(
        eq(messages.conversationId, value('conversationId')),
        eq(messages.senderId, value('userId')),
        eq(messages.nonce, value('nonce')),
      ),
    ),
)

async function findByNonce(
  { id: userId }: CurrentUser,
  conversationId: string,
  nonce: string,
): Promise<Stored | undefined> {
  const [row] = await selectByNonce({ conversationId, userId, nonce })
  return row && { message: toMessage(row.message, row.sender), isNew: false, members: row.members }
}

/** The number of messages on a page. */
export const pageLength = 50

/** The `seq` of a conversation's newest message; 0 if it has none. */
export async function newestSeq(conversationId: string) {
  const [row] = await database()
    .select({ lastSeq: conversations.lastSeq })
    .from(conversations)
    .where(eq(conversations.id, conversationId))
  return row?.lastSeq ?? 0
}

export const messageRange = z.object({
  before: seq.nullish().meta({ description: 'Only messages with a smaller `seq`, the nearest ones.' }),
  after: seq.nullish().meta({ description: 'Only messages with a larger `seq`, the nearest ones.' }),
  limit: pageSize.default(pageLength).meta({ description: `How many messages, ${pageLength} by default.` }),
})

const selectPage = (order: typeof asc) =>
  prepared((db) =>
    db
      .select({ message: messageColumns, sender: senderColumns })
      .from(messages)
      .innerJoin(memberships, eq(memberships.conversationId, messages.conversationId))
      .innerJoin(users, eq(users.id, messages.senderId))
      .where(
        and(
          eq(messages.conversationId, value('conversationId')),
          eq(memberships.userId, value('userId')),
          lt(messages.seq, value('before')),
          gt(messages.seq, value('after')),
        ),
      )
      .orderBy(order(messages.seq))
      .limit(value('limit')),
  )
const selectOldest = selectPage(asc)
const selectNewest = selectPage(desc)

/**
 * Messages in ascending `seq`: the newest ones, or those directly before `before` or after `after`.
 * @throws {Refusal} 404 unless the person is in the conversation, 422 for invalid bounds
 */
export async function listMessages(user: CurrentUser, conversationId: string, bounds: unknown = {}) {
  const { before, after, limit } = check(messageRange, bounds)
  const isAscending = typeof after === 'number'
  const select = isAscending ? selectOldest : selectNewest
  const rows = isId(conversationId)
    ? await select({
        conversationId,
        userId: user.id,
        before: before ?? Number.MAX_SAFE_INTEGER,
        after: after ?? 0,
        limit,
      })
    : []
  if (!rows.length) await requireMembership(user, conversationId)
  const found = rows.map(({ message, sender }) => toMessage(message, sender))
  return isAscending ? found : found.reverse()
}
