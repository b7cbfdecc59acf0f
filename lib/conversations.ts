import 'server-only'
import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import type { Database, Transaction } from '@/db/connection'
import { prepared } from '@/db/prepared'
import { conversations, memberships, messages, presence, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { check, isId, listCursor } from './fields'
import { groupSize } from './group-size'
import { placeOf, startPlace, toMicroseconds } from './list-place'
import { unreadMentions } from './mentions'
import { messageColumns, saidUpTo, senderColumns, toMessageIfAny, toNewest } from './message-rows'
import { directKey, isClosed } from './pairs'
import { latestReaction, toReactionLine } from './reaction-line'
import { userChannel } from './realtime/channels'
import { event } from './realtime/publish'
import { toUser, type UserRow, userColumns } from './users'
import type { Conversation, ConversationView, Member, Receipt } from './views'

/** The person who sees a conversation. Its name depends on them if it is direct. */
type Viewer = Pick<CurrentUser, 'id' | 'name'>

export const conversationPage = z.object({ cursor: listCursor.nullish() })

/**
 * The person's conversations, 50 at a time, the latest first: `nextCursor` leads to the next page. Rooms and groups come
 * without their people, because there may be many.
 * @throws {Refusal} 422 for a malformed cursor
 */
export async function listConversations(user: CurrentUser, input: unknown = {}) {
  const { rows, nextCursor } = await findPage(user, input, { length: 50, withAllPeople: false })
  return { conversations: rows.map((row) => toView(row, user)), nextCursor }
}

/** The same for the API: 200 at a time, including the people of rooms and groups. */
export async function listFullConversations(user: CurrentUser, input: unknown = {}) {
  const { rows, nextCursor } = await findPage(user, input, { length: 200, withAllPeople: true })
  return { conversations: rows.map((row) => toConversation(row, user)), nextCursor }
}

/** @throws {Refusal} 404 unless the person is in it */
export async function getConversation(user: CurrentUser, id: string): Promise<ConversationView> {
  const conversation = await findConversation(user, id)
  if (!conversation) throw missing('conversation')
  return conversation
}

/** The conversation with its people, if the person is in it. */
export async function findConversation(user: CurrentUser, id: string): Promise<ConversationView | undefined> {
  const [row] = isId(id) ? await selectOne({ userId: user.id, id, withAllPeople: true }) : []
  return row && toView(row, user)
}

/** The conversation for the API, with all its people. @throws {Refusal} 404 unless the person is in it */
export async function getFullConversation(viewer: Viewer, id: string): Promise<Conversation> {
  const [row] = await selectOne({ userId: viewer.id, id, withAllPeople: true })
  if (!row) throw missing('conversation')
  return toConversation(row, viewer)
}

/** The event that adds a conversation to the lists of a person who has just become a member. */
export async function createdEvents(viewer: Viewer, id: string) {
  const [row] = await selectOne({ userId: viewer.id, id, withAllPeople: false })
  // The person may have left meanwhile.
  if (!row) return []
  const conversation = toConversation(row, viewer)
  return [event(userChannel(viewer.id), 'conversation.created', { conversationId: id, conversation })]
}

const memberColumns = {
  ...userColumns,
  role: memberships.role,
  lastDeliveredSeq: memberships.lastDeliveredSeq,
  lastReadSeq: memberships.lastReadSeq,
}
type MemberRow = UserRow & Pick<Member, 'role'> & Omit<Receipt, 'userId'>

const userId = sql.placeholder('userId')

// Inside, `memberships` and `users` are the members; outside, the person's own membership and the newest message's
// sender.
const members = sql<MemberRow[]>`(
  select json_agg(${jsonOf(memberColumns)} order by ${users.usernameKey})
  from ${memberships} join ${users} on ${users.id} = ${memberships.userId}
    left join ${presence} on ${presence.userId} = ${users.id}
  where ${memberships.conversationId} = ${conversations.id})`

function jsonOf(columns: typeof memberColumns) {
  const fields = Object.entries(columns).map(([name, column]) => sql`${sql.raw(`'${name}'`)}, ${column}`)
  return sql`json_build_object(${sql.join(fields, sql`, `)})`
}

/** The ids of people whom the person has blocked, in a group that they are or were in. */
const blocked = sql<string[]>`case when ${conversations.kind} = 'group' then array(
  select blocked_id from blocks where blocker_id = ${userId} and (
    exists (select from memberships where conversation_id = ${conversations.id} and user_id = blocked_id)
    or exists (select from messages where conversation_id = ${conversations.id} and sender_id = blocked_id))
  ) else '{}' end`

/** When the conversation was last active, for its place in the list. Only rooms have no copy of that time. */
const listedAt = sql`coalesce(${memberships.activeAt}, ${conversations.lastActivityAt})`

const selectConversations = (db: Database, which: SQL) =>
  db
    .select({
      id: conversations.id,
      kind: conversations.kind,
      name: conversations.name,
      lastSeq: conversations.lastSeq,
      lastDeliveredSeq: memberships.lastDeliveredSeq,
      lastReadSeq: memberships.lastReadSeq,
      lastSaid: saidUpTo(conversations.lastSeq).mapWith(Number),
      readSaid: saidUpTo(memberships.lastReadSeq).mapWith(Number),
      mentions: unreadMentions,
      version: conversations.version,
      firstSeq: conversations.firstSeq,
      reaction: latestReaction(userId),
      activeAt: conversations.lastActivityAt,
      listedAt: toMicroseconds(listedAt),
      isClosed,
      members: sql<
        MemberRow[]
      >`case when ${conversations.kind} <> 'direct' and not ${sql.placeholder('withAllPeople')}::boolean then '[]' else ${members} end`,
      blocked,
      newest: messageColumns,
      sender: senderColumns,
    })
    .from(memberships)
    .innerJoin(conversations, eq(conversations.id, memberships.conversationId))
    .leftJoin(
      messages,
      and(eq(messages.conversationId, conversations.id), eq(messages.seq, conversations.lastSeq)),
    )
    .leftJoin(users, eq(users.id, messages.senderId))
    .where(and(eq(memberships.userId, userId), which))
    .orderBy(desc(listedAt), desc(conversations.id))

const selectOne = prepared((db) =>
  selectConversations(db, sql`${conversations.id} = ${sql.placeholder('id')}`),
)

// An index has the order of the list, except for rooms, of which each person is in few. As a parameter the limit would
// be unknown to the plan.
const selectPage = (limit: SQL) =>
  prepared((db) => {
    const place = placeOf(sql.placeholder('at'), sql.placeholder('id'))
    const inOrder = sql`order by 2 desc, 1 desc limit ${limit}`
    return selectConversations(
      db,
      sql`${conversations.id} in (select conversation_id from (
        (select conversation_id, active_at from memberships
          where user_id = ${userId} and active_at is not null and (active_at, conversation_id) < ${place} ${inOrder})
        union all
        (select id, last_activity_at from memberships join conversations on id = conversation_id
          where user_id = ${userId} and active_at is null and (last_activity_at, id) < ${place} ${inOrder})
        ${inOrder}) as page)`,
    )
  })
const selectPages = { 50: selectPage(sql`51`), 200: selectPage(sql`201`) }

type PageOptions = { length: keyof typeof selectPages; withAllPeople: boolean }

async function findPage(user: CurrentUser, input: unknown, { length, withAllPeople }: PageOptions) {
  const { cursor } = check(conversationPage, input)
  const [at, id] = cursor?.split(':') ?? [startPlace.at, startPlace.id]
  const found = await selectPages[length]({ userId: user.id, at, id, withAllPeople })
  const rows = found.slice(0, length)
  const last = rows.at(-1)
  return { rows, nextCursor: found.length > length && last ? `${last.listedAt}:${last.id}` : null }
}

type Row = Awaited<ReturnType<typeof selectConversations>>[number]

function toView(row: Row, viewer: Viewer): ConversationView {
  const { lastSeq, isClosed } = row
  const { newest, unread, ...conversation } = toConversation(row, viewer)
  return {
    ...conversation,
    newest: newest && toNewest(newest),
    lastSeq,
    lastSaid: row.lastSaid,
    readSaid: row.readSaid,
    reaction: toReactionLine({ ...row, latest: row.reaction }),
    receipts: toReceipts(row, viewer),
    blocked: row.blocked,
    isClosed,
    activeAt: row.activeAt.toISOString(),
  }
}

function toConversation(row: Row, viewer: Viewer): Conversation {
  const { id, kind, newest, sender, lastReadSeq, mentions, version, firstSeq } = row
  const people = row.members.map((member) => ({ ...toUser(member), role: member.role }))
  return {
    id,
    kind,
    name: row.name ?? otherName(viewer, people),
    people,
    newest: toMessageIfAny(newest, sender),
    unread: row.lastSaid - row.readSaid,
    mentions,
    lastReadSeq,
    version,
    firstSeq,
  }
}

function toReceipts(row: Row, { id: userId }: Viewer): Receipt[] {
  const { kind, isClosed, lastSeq, lastReadSeq, members } = row
  // Rooms have no delivery receipts.
  const lastDeliveredSeq = kind === 'room' ? lastSeq : row.lastDeliveredSeq
  const hasOwnOnly = kind === 'room' || isClosed || members.length > groupSize.withReceipts
  // Lists leave out the people of groups.
  if (hasOwnOnly || !members.length) return [{ userId, lastDeliveredSeq, lastReadSeq }]
  return members.map(({ id, lastDeliveredSeq, lastReadSeq }) => ({
    userId: id,
    lastDeliveredSeq,
    lastReadSeq,
  }))
}

const otherName = (viewer: Viewer, people: Member[]) =>
  people.find(({ id }) => id !== viewer.id)?.name ?? viewer.name

/** Finds or creates the direct conversation of two people; safe under concurrency. */
export async function openDirectConversation(tx: Transaction, one: string, other: string) {
  const key = directKey(one, other)
  const [created] = await tx
    .insert(conversations)
    .values({ kind: 'direct', directKey: key })
    .onConflictDoNothing()
    .returning({ id: conversations.id })
  if (!created) return findDirectConversation(tx, one, other)
  const entry = { conversationId: created.id, activeAt: sql`now()`, newestSeq: 0 }
  await tx.insert(memberships).values([one, other].map((userId) => ({ ...entry, userId })))
  return created.id
}

export async function findDirectConversation(db: Database | Transaction, one: string, other: string) {
  const [row] = await db
    .select({ id: conversations.id })
    .from(conversations)
    .where(eq(conversations.directKey, directKey(one, other)))
  return row?.id
}
