import 'server-only'
import { and, desc, eq, sql } from 'drizzle-orm'
import { type Database, database, type Transaction } from '@/db/connection'
import { conversations, memberships, messages, presence, users } from '@/db/schema'
import { missing } from './errors'
import { isId } from './fields'
import type { CurrentUser } from './login-sessions'
import { type Message, messageColumns, senderColumns, toMessage } from './messages'
import { directKey, isClosed } from './pairs'
import { toUser, type User, userColumns } from './users'

export type Conversation = {
  id: string
  kind: 'direct' | 'group' | 'room'
  /** A direct conversation is called by the other person's name. */
  name: string
  people: User[]
  newest: Message | null
  unread: number
}

/** How far a person has received and read a conversation. */
export type Receipt = { userId: string; lastDeliveredSeq: number; lastReadSeq: number }

/** A conversation as its page shows it. */
export type OpenConversation = Omit<Conversation, 'newest' | 'unread'> & {
  lastSeq: number
  /** Where the person had read to. */
  lastReadSeq: number
  /** In a closed conversation only the person's own. */
  receipts: Receipt[]
  /** One of the two has blocked the other. */
  isClosed: boolean
}

/** All that the person takes part in, the latest first: two queries, however many there are. */
export async function listConversations(user: CurrentUser): Promise<Conversation[]> {
  const rows = await database()
    .select({
      id: conversations.id,
      kind: conversations.kind,
      name: conversations.name,
      unread: sql<number>`(${conversations.lastSeq} - ${memberships.lastReadSeq})::int`,
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
    .where(eq(memberships.userId, user.id))
    .orderBy(desc(conversations.lastActivityAt), conversations.id)
  const people = await listPeople(rows.map(({ id }) => id))
  return rows.map(({ id, kind, name, unread, newest, sender }) => {
    const members = people.get(id) ?? []
    return {
      id,
      kind,
      name: name ?? otherName(user, members),
      people: members,
      newest: newest && sender && toMessage(newest, sender),
      unread,
    }
  })
}

/** @throws {Refusal} 404 unless the person is in it */
export async function getConversation(user: CurrentUser, id: string): Promise<OpenConversation> {
  const [row] = isId(id)
    ? await database()
        .select({
          id: conversations.id,
          kind: conversations.kind,
          name: conversations.name,
          lastSeq: conversations.lastSeq,
          lastReadSeq: memberships.lastReadSeq,
          isClosed,
        })
        .from(conversations)
        .innerJoin(memberships, eq(memberships.conversationId, conversations.id))
        .where(and(eq(conversations.id, id), eq(memberships.userId, user.id)))
    : []
  if (!row) throw missing('conversation')
  const [people, all] = await Promise.all([listPeople([id]), listReceipts(id)])
  const receipts = row.isClosed ? all.filter(({ userId }) => userId === user.id) : all
  const members = people.get(id) ?? []
  return { ...row, name: row.name ?? otherName(user, members), people: members, receipts }
}

/** The conversation of two people, made if there is none; made once, whoever asks when. */
export async function openDirectConversation(tx: Transaction, one: string, other: string) {
  const key = directKey(one, other)
  const [created] = await tx
    .insert(conversations)
    .values({ kind: 'direct', directKey: key })
    .onConflictDoNothing()
    .returning({ id: conversations.id })
  if (!created) return findDirectConversation(tx, one, other)
  await tx.insert(memberships).values([one, other].map((userId) => ({ conversationId: created.id, userId })))
  return created.id
}

export async function findDirectConversation(db: Database | Transaction, one: string, other: string) {
  const [row] = await db
    .select({ id: conversations.id })
    .from(conversations)
    .where(eq(conversations.directKey, directKey(one, other)))
  return row?.id
}

const otherName = (user: CurrentUser, people: User[]) =>
  people.find(({ id }) => id !== user.id)?.name ?? user.name

const listReceipts = (conversationId: string): Promise<Receipt[]> =>
  database()
    .select({
      userId: memberships.userId,
      lastDeliveredSeq: memberships.lastDeliveredSeq,
      lastReadSeq: memberships.lastReadSeq,
    })
    .from(memberships)
    .where(eq(memberships.conversationId, conversationId))

async function listPeople(conversationIds: string[]) {
  const rows = await database()
    .select({ conversationId: memberships.conversationId, ...userColumns })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .leftJoin(presence, eq(presence.userId, users.id))
    // One parameter, not a list of them: a prepared statement for each length would stay in the database's memory.
    .where(sql`${memberships.conversationId} = any(${sql.param(conversationIds)}::uuid[])`)
    .orderBy(users.usernameKey)
  const people = new Map<string, User[]>()
  for (const { conversationId, ...row } of rows)
    people.set(conversationId, [...(people.get(conversationId) ?? []), toUser(row)])
  return people
}
