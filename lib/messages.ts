import 'server-only'
import { randomUUID } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { prepared, preparedSql } from '@/db/prepared'
import { conversations, memberships, messages, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { invalid, isNotNullViolation, isUniqueViolation, missing } from './errors'
import { check, isId, messageBody, nonce, seq } from './fields'
import { allowancesOf, forEachCount, lastPart, refuse, spend, takeParts, takeValues } from './limits'
import { requireMembership } from './memberships'
import { mentionNames } from './mention-names'
import { isMentioned, mentionEvents } from './mentions'
import { messageColumns, saidUpTo, senderColumns, toMessage, toNewest, toShared } from './message-rows'
import { countMessage } from './metrics'
import { closed, isClosed } from './pairs'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { isRoom } from './rooms'
import type { Message } from './views'

export const messageDraft = z.object({
  body: messageBody,
  nonce: nonce.nullish(),
  replyTo: seq.nullish().meta({ description: 'The `seq` of the message that this one answers.' }),
})

/**
 * Sends a message, once: a nonce that this person used here before gives back its message.
 * @returns the message, and whether it is new
 * @throws {Refusal} 422 for faulty fields, 404 unless the person is in the conversation, 403 where it is closed, 429
 */
export async function sendMessage(user: CurrentUser, conversationId: string, input: unknown) {
  const { message, isNew, members, version } = await storeMessage(user, conversationId, input)
  if (isNew) countMessage()
  const mentioned = await mentionEvents(conversationId, message.seq, message.mentions)
  publish(
    // Also for a repeated send, because the site may have died between the commit and the events. Clients ignore a
    // known `seq`.
    event(conversationChannel(conversationId), 'message.created', {
      ...toShared(message),
      conversationVersion: version,
    }),
    event(members.map(userChannel), 'conversation.touched', { conversationId, newest: toNewest(message) }),
    ...mentioned,
  )
  return { message, isNew }
}

/** The database's part of `sendMessage`, without notifying anyone. */
export async function storeMessage(
  user: CurrentUser,
  conversationId: string,
  input: unknown,
): Promise<Stored> {
  const { body, nonce, replyTo } = check(messageDraft, input)
  if (!isId(conversationId)) throw missing('conversation')
  const draft = { body, nonce: nonce ?? randomUUID(), replyTo: replyTo ?? null, names: mentionNames(body) }
  const stored = await insertMessage(user, conversationId, draft)
  if (stored) return stored
  const known = nonce && (await findByNonce(user, conversationId, nonce))
  if (known) return known
  await requireMembership(user, conversationId)
  if (replyTo && !(await isAnswerable(conversationId, replyTo)))
    throw invalid({ replyTo: 'That message cannot be answered.' })
  throw closed((await isRoom(conversationId)) ? 'room' : 'direct')
}

type Draft = { body: string; nonce: string; replyTo: number | null; names: string[] }
/**
 * `members` are the people to notify in their lists: nobody in a room, because they have it open and receive the
 * message itself. `version` is the conversation's.
 */
type Stored = {
  message: Message
  isNew: boolean
  members: string[]
  version: number
}

const members = sql<string[]>`case when ${conversations.kind} = 'room' then '{}' else
  array(select user_id from memberships where conversation_id = ${conversations.id}) end`

const value = sql.placeholder

/**
 * For a query that reads `conversations`: whether a message can be answered, one that somebody said, that is not deleted,
 * and that is kept. While the statement waits for the conversation, the message may expire: only the conversation's row
 * is read again after that, so it decides.
 */
const answerable = sql`${value('replyTo')} >= first_seq and exists (
  select from messages left join message_changes using (conversation_id, seq)
    left join notices using (conversation_id, seq)
  where (conversation_id, seq) = (${conversations.id}, ${value('replyTo')}) and deleted_at is null and number is null)`

/** The parts of the statement that only some messages need. */
const reply = sql`reply as (
  insert into replies (conversation_id, seq, to_seq) select id, last_seq, ${value('replyTo')} from conversation)`
const mention = sql`mention as (
  insert into mentions (conversation_id, seq, user_id, created_at)
  select conversation.id, conversation.last_seq, users.id, conversation.last_activity_at
  from conversation, users where ${isMentioned({
    conversationId: sql`conversation.id`,
    senderId: sql`${value('userId')}::uuid`,
    names: value('names'),
  })}
  )`

/**
 * One statement that takes the allowances and the next `seq`, stores the message, moves the sender's cursors to it,
 * and moves the conversation to the top of its members' lists. It requires membership of a conversation that isn't
 * closed. The conversation's row stays locked until the commit and the next sender waits for it, so every `seq` is used
 * exactly once.
 */
const insert = (has: { reply: boolean; mention: boolean }) =>
  forEachCount((count) =>
    preparedSql<Inserted>(sql`with ${sql.join(
      [
        ...takeParts(count),
        sql`conversation as (
          update conversations set last_seq = last_seq + 1,
            -- The computer's clock may be set back, but the order of the messages and of lists must stay.
            last_activity_at = greatest(last_activity_at, clock_timestamp())
          from memberships ${count ? sql`, ${lastPart(count)}` : sql``}
          where ${conversations.id} = ${value('conversationId')} and not ${isClosed}
            ${has.reply ? sql`and ${answerable}` : sql``}
            and memberships.conversation_id = ${conversations.id} and memberships.user_id = ${value('userId')}
          returning ${conversations.id}, last_seq, last_activity_at, version, ${members} as members,
            ${saidUpTo(conversations.lastSeq)} as said,
            case when kind <> 'room' then last_activity_at end as active_at,
            case when kind <> 'room' then last_seq end as newest_seq)`,
        sql`sender as (
          update memberships set last_delivered_seq = last_seq, last_read_seq = last_seq,
            active_at = conversation.active_at, newest_seq = conversation.newest_seq
          from conversation where conversation_id = conversation.id and user_id = ${value('userId')} returning user_id)`,
        sql`others as (
          update memberships set active_at = conversation.active_at, newest_seq = conversation.newest_seq
          from conversation where conversation_id = conversation.id and user_id <> ${value('userId')}
            and conversation.newest_seq is not null)`,
        sql`message as (
          insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
          -- Null, which fails the statement, if the sender was removed while it waited for the conversation.
          select id, last_seq, (select user_id from sender), ${value('body')}, ${value('nonce')}, last_activity_at
          from conversation
          returning id, seq, created_at)`,
        ...(has.reply ? [reply] : []),
        ...(has.mention ? [mention] : []),
      ],
      sql`, `,
    )}
    select ${count ? sql`exists (select from ${lastPart(count)})` : sql`true`} as "isAllowed", message.id, seq,
      created_at as "createdAt", members, version, said
    from (select) as always left join message on true left join conversation on true`),
  )
const statements = {
  plain: insert({ reply: false, mention: false }),
  reply: insert({ reply: true, mention: false }),
  mention: insert({ reply: false, mention: true }),
  both: insert({ reply: true, mention: true }),
}
type Inserted = {
  isAllowed: boolean
  members: string[]
  createdAt: string
  version: string
  said: string
} & ({ id: string; seq: string } | { id: null })

/** @returns undefined if the nonce is known, or if the person may not send there */
async function insertMessage(
  user: CurrentUser,
  conversationId: string,
  draft: Draft,
): Promise<Stored | undefined> {
  const allowances = allowancesOf('send', user)
  const values = { ...takeValues(allowances), conversationId, userId: user.id, ...draft }
  const statement = statements[kindOf(draft)][allowances.length]
  try {
    const [row] = (await statement?.(values)) ?? []
    if (!row?.isAllowed) return await refuse('send', user, allowances)
    if (row.id === null) return undefined
    return await toStored(user, conversationId, draft, row)
  } catch (error) {
    if (isNotNullViolation(error)) return undefined
    if (!isUniqueViolation(error)) throw error
    // The nonce is known, and the failed statement took no allowance.
    await spend('send', user)
  }
}

function kindOf({ replyTo, names }: Draft) {
  if (replyTo) return names.length ? 'both' : 'reply'
  return names.length ? 'mention' : 'plain'
}

async function toStored(
  user: CurrentUser,
  conversationId: string,
  { body, nonce, replyTo, names }: Draft,
  row: Inserted & { id: string },
): Promise<Stored> {
  const { id, members } = row
  const seq = Number(row.seq)
  // Who is mentioned, and what the other message is like now, is only known to the database.
  if (replyTo || names.length) {
    const stored = await findByNonce(user, conversationId, nonce)
    if (stored) return { ...stored, isNew: true }
  }
  const stored = { id, conversationId, seq, body, nonce, createdAt: new Date(row.createdAt), extras: null }
  const message = { ...toMessage(stored, user), said: Number(row.said) }
  return { message, isNew: true, members, version: Number(row.version) }
}

const selectByNonce = prepared((db) =>
  db
    .select({ message: messageColumns, sender: senderColumns, members, version: conversations.version })
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
  if (!row) return undefined
  const message = toMessage(row.message, row.sender)
  return { message, isNew: false, members: row.members, version: row.version }
}

async function isAnswerable(conversationId: string, replyTo: number) {
  const [row] = await selectAnswerable({ conversationId, replyTo })
  return row?.isAnswerable
}
const selectAnswerable = preparedSql<{ isAnswerable: boolean }>(
  sql`select ${answerable} as "isAnswerable" from ${conversations}
    where ${conversations.id} = ${value('conversationId')}`,
)
