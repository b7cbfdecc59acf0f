import 'server-only'
import { and, eq, type SQL, Subquery, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { prepared } from '@/db/prepared'
import { conversations, memberships, messages, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { check, isId, pageSize, seq } from './fields'
import { messageColumns, senderColumns, toMessageIfAny } from './message-rows'
import type { MessageUpdates } from './views'

const value = sql.placeholder

const newest = Number.MAX_SAFE_INTEGER

/** The number of messages on a page. */
export const pageLength = 50

/** How far a conversation has come, and its kind. @throws {Refusal} 404 unless the person is in it */
export async function findConversation(user: CurrentUser, conversationId: string) {
  if (!isId(conversationId)) throw missing('conversation')
  const [found] = await database()
    .select({
      kind: conversations.kind,
      lastSeq: conversations.lastSeq,
      version: conversations.version,
      firstSeq: conversations.firstSeq,
    })
    .from(conversations)
    .innerJoin(memberships, eq(memberships.conversationId, conversations.id))
    .where(and(eq(conversations.id, conversationId), eq(memberships.userId, user.id)))
  if (!found) throw missing('conversation')
  return found
}

export const messageRange = z.object({
  before: seq.nullish().meta({
    description:
      'Only messages with a smaller `seq`, the nearest ones. Below `firstSeq`: the first ones that are kept.',
  }),
  after: seq.nullish().meta({ description: 'Only messages with a larger `seq`, the nearest ones.' }),
  since: seq.nullish().meta({
    description: 'With `after`: also the messages up to it that changed since this version.',
  }),
  around: seq.nullish().meta({ description: 'This message, up to 25 before it and 25 after it.' }),
  limit: pageSize.default(pageLength).meta({ description: `How many messages, ${pageLength} by default.` }),
})

/** The longest pages that statements are made for. As a parameter the limit would be unknown to the plan. */
const pageSizes = [10, 50, 100] as const

/** One more than fit, to find out whether there are more. `part` selects from a conversation's messages. */
const selectPages = (part: (limit: SQL) => SQL) =>
  pageSizes.map((size) => [size, selectMessages(part(sql.raw(String(size + 1))))] as const)

const ofConversation = sql`select * from messages where conversation_id = ${conversations.id}`
const newestBefore = (limit: SQL) =>
  sql`(${ofConversation} and seq < ${value('before')} order by seq desc limit ${limit})`
const nextAfter = (limit: SQL) =>
  sql`(${ofConversation} and seq > ${value('after')} and seq < ${value('before')} order by seq limit ${limit})`
const changedSince = (limit: SQL) => sql`(
  select messages.* from message_changes join messages using (conversation_id, seq)
  where conversation_id = ${conversations.id} and version > ${value('since')} and seq <= ${value('after')}
  order by version limit ${limit})`

/** All in one statement, and so in one snapshot. A row without a message if there is none in a conversation of theirs. */
function selectMessages(part: SQL) {
  return prepared((db) =>
    db
      .select({
        version: conversations.version,
        firstSeq: conversations.firstSeq,
        message: messageColumns,
        sender: senderColumns,
      })
      .from(conversations)
      .innerJoin(
        memberships,
        and(eq(memberships.conversationId, conversations.id), eq(memberships.userId, value('userId'))),
      )
      .leftJoinLateral(new Subquery(part, { id: messages.id }, 'messages'), sql`true`)
      .leftJoin(users, eq(users.id, messages.senderId))
      .where(eq(conversations.id, value('conversationId')))
      .orderBy(messages.seq),
  )
}
const selectOlder = selectPages(newestBefore)
const selectNewer = selectPages(nextAfter)
const selectMissed = selectPages((limit) => sql`${nextAfter(limit)} union all ${changedSince(limit)}`)
const aroundLength = 25
const selectAround = selectMessages(sql`
  (${ofConversation} and seq >= ${value('around')} order by seq limit ${sql.raw(String(aroundLength + 2))})
  union all (${ofConversation} and seq < ${value('around')} order by seq desc limit ${sql.raw(String(aroundLength))})`)

/**
 * Messages in ascending `seq`: the newest ones, those directly before `before` or after `after`, or those `around` one.
 * With `after` and `since` also, by version, those up to `after` that changed since.
 * @throws {Refusal} 404 unless the person is in the conversation, 422 for invalid bounds
 */
export async function listMessages(
  user: CurrentUser,
  conversationId: string,
  bounds: unknown = {},
): Promise<MessageUpdates> {
  const { before, after, since, around, limit } = check(messageRange, bounds)
  if (!isId(conversationId)) throw missing('conversation')
  const place = { conversationId, userId: user.id, before: before ?? newest }
  if (typeof after === 'number') return listNext(place, { after, since, limit })
  if (typeof around === 'number') return listAround(place, around)
  const { found, version, firstSeq } = read(await fitting(selectOlder, limit)(place))
  if (firstSeq > 1 && place.before < firstSeq) {
    const kept = await listNext({ ...place, before: newest }, { after: firstSeq - 1, since: null, limit })
    return { ...kept, more: false }
  }
  return { messages: found.slice(-limit), changed: [], version, firstSeq, more: found.length > limit }
}

/** The message with that `seq`, if there is one. @throws {Refusal} 404 unless the person is in the conversation */
export async function findMessage(user: CurrentUser, conversationId: string, seq: number) {
  const { messages } = await listMessages(user, conversationId, { after: seq - 1, before: seq + 1, limit: 1 })
  return messages[0]
}

type Place = { conversationId: string; userId: string; before: number }
type Next = { after: number; since: number | null | undefined; limit: number }

async function listNext(place: Place, { after, since, limit }: Next) {
  const rows =
    typeof since === 'number'
      ? await fitting(selectMissed, limit)({ ...place, after, since })
      : await fitting(selectNewer, limit)({ ...place, after })
  const { found, version, firstSeq } = read(rows)
  const next = found.filter(({ seq }) => seq > after)
  const changed = found.filter(({ seq }) => seq <= after).sort((one, other) => one.version - other.version)
  const lastChanged = changed.length > limit ? changed[limit - 1] : undefined
  return {
    messages: next.slice(0, limit),
    changed: changed.slice(0, limit),
    version: lastChanged?.version ?? version,
    firstSeq,
    more: lastChanged !== undefined || next.length > limit,
  }
}

async function listAround(place: Place, around: number) {
  const { found, version, firstSeq } = read(await selectAround({ ...place, around }))
  const later = found.filter(({ seq }) => seq > around).slice(aroundLength)
  const messages = found.slice(0, found.length - later.length)
  return { messages, changed: [], version, firstSeq, more: later.length > 0 }
}

/** The statement for the shortest page that is long enough. */
const fitting = (pages: ReturnType<typeof selectPages>, limit: number) =>
  pages.find(([size]) => size >= limit)?.[1] ?? selectAround

type Row = Awaited<ReturnType<typeof selectAround>>[number]

/** @throws {Refusal} 404 without a row, because the person is not in the conversation */
function read(rows: Row[]) {
  const [first] = rows
  if (!first) throw missing('conversation')
  const found = rows.flatMap(({ message, sender }) => toMessageIfAny(message, sender) ?? [])
  return { found, version: first.version, firstSeq: first.firstSeq }
}
