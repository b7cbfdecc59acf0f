import 'server-only'
import { and, eq, type SQLWrapper, sql } from 'drizzle-orm'
import { conversations, messageChanges, messages, replies, users } from '@/db/schema'
import { excerptLength } from './excerpt'
import { type PersonRow, personColumns, toPerson } from './users'
import type { Message, Newest, Reaction, SharedMessage } from './views'

/** How many notices a conversation has up to a message. Only groups have any. */
export const noticesUpTo = (
  conversationId: SQLWrapper,
  seq: SQLWrapper,
) => sql`coalesce((select number from notices
  where conversation_id = ${conversationId} and seq <= ${seq} order by seq desc limit 1), 0)`

/** How many messages of kind `said` there are up to `seq`, for a query that reads `conversations`. */
export const saidUpTo = (seq: SQLWrapper) => sql`(${seq} - case when ${conversations.kind} = 'group'
  then ${noticesUpTo(conversations.id, seq)} else 0 end)`

const isNotice = sql`${conversations.kind} = 'group' and exists (select from notices
  where conversation_id = ${messages.conversationId} and seq = ${messages.seq})`

const quoted = sql<Quoted | null>`(
  select json_build_object('seq', quoted.seq, 'excerpt', left(quoted.body, ${sql.raw(String(excerptLength))}),
    'isDeleted', deleted_at is not null, 'sender', ${personObject('sender')})
  from messages as quoted join users as sender on sender.id = sender_id
    left join message_changes using (conversation_id, seq)
  where (conversation_id, seq) = (${messages.conversationId}, ${replies.toSeq}))`

// Only a message that has changed can have reactions.
const reacted = sql<Reacted[] | null>`case when ${messageChanges.version} > 0 then (
  select json_agg(json_build_object('emoji', emoji, 'count', count, 'people', people, 'mine', mine) order by first)
  from (
    select emoji, count(*), min(version) as first, bool_or(user_id = ${sql.placeholder('userId')}) as mine,
      (array_agg(${personObject('reader')} order by version))[:20] as people
    from reactions join users as reader on reader.id = user_id
    where (conversation_id, seq) = (${messages.conversationId}, ${messages.seq})
    group by emoji
  ) as kinds) end`

const mentioned = sql<string[] | null>`(
  select array_agg(user_id) from mentions where (conversation_id, seq) = (${messages.conversationId}, ${messages.seq}))`

/** SQL that builds a `PersonRow` from the table or alias `name`. */
export function personObject(name: string) {
  const columns = { id: 'id', username: 'username', firstName: 'first_name', lastName: 'last_name' }
  const fields = Object.entries(columns).map(([key, column]) => `'${key}', ${name}.${column}`)
  return sql.raw(`json_build_object(${fields.join(', ')})`)
}

/**
 * To select from `conversations` joined with `messages`, `messageChanges`, `replies` and the sender among `users`, for
 * `toMessage`. The value `userId` is the person who reads it.
 */
export const messageColumns = {
  id: messages.id,
  conversationId: messages.conversationId,
  seq: messages.seq,
  said: saidUpTo(messages.seq).mapWith(Number),
  isNotice: sql<boolean>`${isNotice}`,
  body: messages.body,
  nonce: messages.nonce,
  createdAt: messages.createdAt,
  version: messageChanges.version,
  editedAt: messageChanges.editedAt,
  deletedAt: messageChanges.deletedAt,
  quoted,
  reacted,
  mentioned,
}
export const senderColumns = personColumns(users)
/** The conditions to join a message's row of each of these tables. */
export const changeOf = both(messageChanges)
export const replyOf = both(replies)

function both(table: typeof messageChanges | typeof replies) {
  return and(eq(table.conversationId, messages.conversationId), eq(table.seq, messages.seq))
}

type Quoted = { seq: number; excerpt: string; isDeleted: boolean; sender: PersonRow }
type Reacted = Omit<Reaction, 'people'> & { people: PersonRow[] }
type MessageRow = Pick<Message, 'id' | 'conversationId' | 'seq' | 'said' | 'body' | 'nonce'> & {
  isNotice: boolean
  createdAt: Date
  version: number | null
  editedAt: Date | null
  deletedAt: Date | null
  quoted: Quoted | null
  reacted: Reacted[] | null
  mentioned: string[] | null
}

export const toMessage = (row: MessageRow, sender: PersonRow): Message => ({
  id: row.id,
  conversationId: row.conversationId,
  seq: row.seq,
  said: row.said,
  kind: row.isNotice ? 'notice' : 'said',
  sender: toPerson(sender),
  body: row.body,
  nonce: row.nonce,
  createdAt: row.createdAt.toISOString(),
  version: row.version ?? 0,
  editedAt: row.editedAt?.toISOString() ?? null,
  deletedAt: row.deletedAt?.toISOString() ?? null,
  replyTo: row.quoted && { ...row.quoted, sender: toPerson(row.quoted.sender) },
  reactions: (row.reacted ?? []).map(({ people, ...reaction }) => ({
    ...reaction,
    people: people.map(toPerson),
  })),
  mentions: row.mentioned ?? [],
})

type Nullable<Row> = { [Key in keyof Row]: Row[Key] | null }

/** The message of a row that may have none. */
export const toMessageIfAny = (row: Nullable<MessageRow> | null, sender: PersonRow | null) =>
  row?.id && sender ? toMessage(row as MessageRow, sender) : null

/** A message without what is only right for the person who read it, for events. */
export const toShared = ({ reactions, ...message }: Message): SharedMessage => ({
  ...message,
  reactions: reactions.map(({ emoji, count, people }) => ({ emoji, count, people })),
})

/** A message as lists of conversations show it, with its body cut to 200 characters. */
export const toNewest = ({
  seq,
  said,
  version,
  kind,
  sender,
  body,
  createdAt,
  deletedAt,
}: Newest): Newest => ({
  seq,
  said,
  version,
  kind,
  sender,
  // Characters are code points, each at most two UTF-16 units.
  body: [...body.slice(0, 400)].slice(0, 200).join(''),
  createdAt,
  deletedAt,
})
