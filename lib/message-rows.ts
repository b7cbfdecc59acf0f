import 'server-only'
import { type SQLWrapper, sql } from 'drizzle-orm'
import { conversations, messages, users } from '@/db/schema'
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

const key = sql`(${messages.conversationId}, ${messages.seq})`

const quoted = sql`(
  select json_build_object('seq', quoted.seq, 'excerpt', left(quoted.body, ${sql.raw(String(excerptLength))}),
    'isDeleted', deleted_at is not null, 'sender', ${personObject('sender')})
  from messages as quoted join users as sender on sender.id = sender_id
    left join message_changes using (conversation_id, seq)
  where (conversation_id, seq) = (${messages.conversationId}, to_seq))`

const reacted = sql`(
  select json_agg(json_build_object('emoji', emoji, 'count', count, 'people', people, 'mine', mine) order by first)
  from (
    select emoji, count(*), min(version) as first, bool_or(user_id = ${sql.placeholder('userId')}) as mine,
      (array_agg(${personObject('reader')} order by version))[:20] as people
    from reactions join users as reader on reader.id = user_id where (conversation_id, seq) = ${key} group by emoji
  ) as kinds)`

const mentioned = sql`(select array_agg(user_id) from mentions where (conversation_id, seq) = ${key})`

/** What most messages do not have, in one column, which is null for them. Only a message that changed has reactions. */
const extras = sql<Extras | null>`(
  select json_build_object('said', ${saidUpTo(messages.seq)}, 'isNotice', number is not null, 'version', changes.version,
    'editedAt', edited_at, 'deletedAt', deleted_at, 'mentioned', ${mentioned},
    'quoted', case when to_seq is not null then ${quoted} end,
    'reacted', case when changes.version is not null then ${reacted} end)
  from (select) as always
    left join message_changes as changes on (changes.conversation_id, changes.seq) = ${key}
    left join replies on (replies.conversation_id, replies.seq) = ${key}
    left join notices on ${conversations.kind} = 'group' and (notices.conversation_id, notices.seq) = ${key}
  where ${conversations.kind} = 'group' or changes.version is not null or to_seq is not null
    or exists (select from mentions where (conversation_id, seq) = ${key}))`

/** SQL that builds a `PersonRow` from the table or alias `name`. */
export function personObject(name: string) {
  const columns = { id: 'id', username: 'username', firstName: 'first_name', lastName: 'last_name' }
  const fields = Object.entries(columns).map(([key, column]) => `'${key}', ${name}.${column}`)
  return sql.raw(`json_build_object(${fields.join(', ')})`)
}

/**
 * To select from `conversations` joined with `messages` and the sender among `users`, for `toMessage`. The value
 * `userId` is the person who reads it.
 */
export const messageColumns = {
  id: messages.id,
  conversationId: messages.conversationId,
  seq: messages.seq,
  body: messages.body,
  nonce: messages.nonce,
  createdAt: messages.createdAt,
  extras,
}
export const senderColumns = personColumns(users)

type Quoted = Omit<NonNullable<Message['replyTo']>, 'sender'> & { sender: PersonRow }
type Reacted = Omit<Reaction, 'people'> & { people: PersonRow[] }
type Extras = {
  said: number
  isNotice: boolean
  version: number | null
  editedAt: string | null
  deletedAt: string | null
  quoted: Quoted | null
  reacted: Reacted[] | null
  mentioned: string[] | null
}
type MessageRow = Pick<Message, 'id' | 'conversationId' | 'seq' | 'body' | 'nonce'> & {
  createdAt: Date
  extras: Extras | null
}

export function toMessage({ extras, createdAt, ...row }: MessageRow, sender: PersonRow): Message {
  const { quoted, reacted } = extras ?? {}
  return {
    id: row.id,
    conversationId: row.conversationId,
    seq: row.seq,
    said: extras?.said ?? row.seq,
    kind: extras?.isNotice ? 'notice' : 'said',
    sender: toPerson(sender),
    body: row.body,
    nonce: row.nonce,
    createdAt: createdAt.toISOString(),
    version: extras?.version ?? 0,
    editedAt: toTime(extras?.editedAt),
    deletedAt: toTime(extras?.deletedAt),
    replyTo: quoted ? { ...quoted, sender: toPerson(quoted.sender) } : null,
    reactions: (reacted ?? []).map((reaction) => ({ ...reaction, people: reaction.people.map(toPerson) })),
    mentions: extras?.mentioned ?? [],
  }
}

const toTime = (time: string | null | undefined) => (time ? new Date(time).toISOString() : null)

type Nullable<Row> = { [Key in keyof Row]: Row[Key] | null }

/** The message of a row that may have none. */
export const toMessageIfAny = (row: Nullable<MessageRow> | null, sender: PersonRow | null) =>
  row?.id && sender ? toMessage(row as MessageRow, sender) : null

/** The most people that an event names, so that it fits into one of Soketi's (100 kB) even with the longest names. */
const mostNamed = 60

/** A message without what is only right for the person who read it, for events. */
export const toShared = ({ reactions, ...message }: Message): SharedMessage => ({
  ...message,
  reactions: reactions.map(({ emoji, count, people }) => ({
    emoji,
    count,
    people: people.slice(0, Math.ceil(mostNamed / reactions.length)),
  })),
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
