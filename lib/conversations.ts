import 'server-only'
import { and, desc, eq, type SQL, sql } from 'drizzle-orm'
import type { Database, Transaction } from '@/db/connection'
import { prepared } from '@/db/prepared'
import { conversations, memberships, messages, presence, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { isId } from './fields'
import { messageColumns, senderColumns, toMessage, toNewest } from './messages'
import { directKey, isClosed } from './pairs'
import { userChannel } from './realtime/channels'
import { event } from './realtime/publish'
import { toUser, type UserRow, userColumns } from './users'
import type { Conversation, ConversationView, Receipt, User } from './views'

/** The person who sees a conversation. Its name depends on them if it is direct. */
type Viewer = Pick<CurrentUser, 'id' | 'name'>

/** The person's conversations, the latest first. Rooms come without their people, because there may be many. */
export async function listConversations(user: CurrentUser): Promise<ConversationView[]> {
  const rows = await selectAll({ userId: user.id, withPeopleOfRooms: false })
  return rows.map((row) => toView(row, user))
}

/** The same for the API, including the people of rooms. */
export async function listFullConversations(user: CurrentUser): Promise<Conversation[]> {
  const rows = await selectAll({ userId: user.id, withPeopleOfRooms: true })
  return rows.map((row) => toConversation(row, user))
}

/** @throws {Refusal} 404 unless the person is in it */
export async function getConversation(user: CurrentUser, id: string): Promise<ConversationView> {
  const conversation = await findConversation(user, id)
  if (!conversation) throw missing('conversation')
  return conversation
}

/** The conversation with its people, if the person is in it. */
export async function findConversation(user: CurrentUser, id: string): Promise<ConversationView | undefined> {
  const [row] = isId(id) ? await selectOne({ userId: user.id, id, withPeopleOfRooms: true }) : []
  return row && toView(row, user)
}

/** The event that adds a conversation to the lists of a person who has just become a member. */
export async function createdEvents(viewer: Viewer, id: string) {
  const [row] = await selectOne({ userId: viewer.id, id, withPeopleOfRooms: false })
  // The person may have left meanwhile.
  if (!row) return []
  const conversation = toConversation(row, viewer)
  return [event(userChannel(viewer.id), 'conversation.created', { conversationId: id, conversation })]
}

const memberColumns = {
  ...userColumns,
  lastDeliveredSeq: memberships.lastDeliveredSeq,
  lastReadSeq: memberships.lastReadSeq,
}
type MemberRow = UserRow & Omit<Receipt, 'userId'>

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

const selectConversations = (db: Database, which?: SQL) =>
  db
    .select({
      id: conversations.id,
      kind: conversations.kind,
      name: conversations.name,
      lastSeq: conversations.lastSeq,
      lastReadSeq: memberships.lastReadSeq,
      activeAt: conversations.lastActivityAt,
      isClosed,
      members: sql<
        MemberRow[]
      >`case when ${conversations.kind} = 'room' and not ${sql.placeholder('withPeopleOfRooms')}::boolean then '[]' else ${members} end`,
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
    .where(and(eq(memberships.userId, sql.placeholder('userId')), which))
    .orderBy(desc(conversations.lastActivityAt), conversations.id)

const selectAll = prepared((db) => selectConversations(db))
const selectOne = prepared((db) => selectConversations(db, eq(conversations.id, sql.placeholder('id'))))
type Row = Awaited<ReturnType<typeof selectConversations>>[number]

function toView(row: Row, viewer: Viewer): ConversationView {
  const { lastSeq, lastReadSeq, isClosed } = row
  const { newest, unread, ...conversation } = toConversation(row, viewer)
  return {
    ...conversation,
    newest: newest && toNewest(newest),
    lastSeq,
    lastReadSeq,
    receipts: toReceipts(row, viewer),
    isClosed,
    activeAt: row.activeAt.toISOString(),
  }
}

function toConversation(row: Row, viewer: Viewer): Conversation {
  const { id, kind, newest, sender } = row
  const people = row.members.map(toUser)
  return {
    id,
    kind,
    name: row.name ?? otherName(viewer, people),
    people,
    newest: newest && sender && toMessage(newest, sender),
    unread: row.lastSeq - row.lastReadSeq,
  }
}

function toReceipts({ kind, isClosed, lastSeq, lastReadSeq, members }: Row, viewer: Viewer): Receipt[] {
  // Rooms have no delivery receipts.
  if (kind === 'room') return [{ userId: viewer.id, lastDeliveredSeq: lastSeq, lastReadSeq }]
  return members
    .filter(({ id }) => !isClosed || id === viewer.id)
    .map(({ id, lastDeliveredSeq, lastReadSeq }) => ({ userId: id, lastDeliveredSeq, lastReadSeq }))
}

const otherName = (viewer: Viewer, people: User[]) =>
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
