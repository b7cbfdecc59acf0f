import 'server-only'
import { type SQL, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { mentions, messageChanges, messages, messageVersions, reactions, replies } from '@/db/schema'
import { recordAction } from './audit-log'
import { defineJob, startJobs } from './jobs'
import { mentionEvents } from './mentions'
import { saidUpTo } from './message-rows'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { readSettings, type SiteSettings } from './site-settings'

type Keep = Pick<SiteSettings, 'keepRooms' | 'keepGroups' | 'keepDirect'>

const kind = 'retention'

/** How many conversations one statement looks at, and how many messages one batch deletes. */
const most = { looks: 500, deletions: 500, counted: 20_000 }

/** Messages before this time are not kept. Null if they are kept for ever. */
const cutoff = ({ keepRooms, keepGroups, keepDirect }: Keep) => sql`now() - interval '1 day' * case kind
  when 'room' then ${keepRooms}::int when 'group' then ${keepGroups}::int else ${keepDirect}::int end`

/**
 * How many messages would be deleted now with these settings. Looks at 20,000 conversations: if there are more,
 * `isAtLeast` is true. In a conversation it searches by halves, because messages are in the order of their time.
 */
export async function countExpired(keep: Keep): Promise<{ count: number; isAtLeast: boolean }> {
  const [row] = await database().execute<{ count: number; isAtLeast: boolean }>(sql`
    with recursive looked as (
      select id, first_seq, last_seq, ${cutoff(keep)} as cutoff
      from conversations order by id limit ${most.counted + 1}),
    -- Messages before "low" are expired, those from "high" on are not.
    search (place, cutoff, first_seq, low, high) as (
      select id, cutoff, first_seq, first_seq, last_seq + 1 from looked where cutoff is not null
      union all
      select place, cutoff, first_seq, case when created_at < cutoff then seq + 1 else low end,
        case when created_at < cutoff then high else seq end
      from search join messages on conversation_id = place and seq = (low + high) / 2 where low < high)
    select coalesce(sum(low - first_seq) filter (where low = high), 0)::float8 as count,
      (select count(*) from looked) > ${most.counted} as "isAtLeast"
    from search`)
  if (!row) throw new Error('Nothing was counted.')
  return row
}

/** Deletes expired messages. Call it after the commit of a change of the settings. */
export async function startRetention() {
  // Not if a run waits. One in its first batch is locked, and may have read the settings before the change.
  await insertRun(sql`state = '{}' and finished_at is null for update skip locked`)
  startJobs()
}

/** Deletes expired messages about every hour. */
export async function repeatRetention() {
  const { keepRooms, keepGroups, keepDirect } = await readSettings()
  if (keepRooms === null && keepGroups === null && keepDirect === null) return
  await insertRun(sql`(finished_at is null or created_at > now() - interval '55 minutes')`)
  startJobs()
}

const insertRun = (unless: SQL) =>
  database().execute(sql`
    insert into jobs (kind, state) select ${kind}, '{}'
    where not exists (select from jobs where kind = ${kind} and ${unless})`)

/** How far a run has come. */
type State = {
  /** The conversation where the next batch begins: those before it, by id, are done. */
  from?: string
  /** How many messages were deleted, by the kind of their conversation. */
  deleted?: Record<string, number>
}

// A batch deletes from one conversation only, because it holds up those who send there.
defineJob(kind, async (tx, state: State) => {
  const { from = '00000000-0000-0000-0000-000000000000', deleted = {} } = state
  const settings = await readSettings(tx)
  const { found, last } = await findExpired(tx, from, settings)
  if (found) {
    const expired = await deleteExpired(tx, found, settings)
    if (!expired) return { next: { from: found, deleted } }
    const count = (deleted[expired.kind] ?? 0) + expired.count
    return {
      next: { from: found, deleted: { ...deleted, [expired.kind]: count } },
      publish: () => publishExpired(expired),
    }
  }
  if (last && last !== from) return { next: { from: last, deleted } }
  if (Object.keys(deleted).length) await recordAction(tx, null, 'messages-expired', { details: deleted })
  return { next: undefined }
})

/** The next conversation, by id, that has expired messages. If none of the next 500 has any: the last of these. */
async function findExpired(tx: Transaction, from: string, settings: Keep) {
  const [row] = await tx.execute<{ found: string | null; last: string | null }>(sql`
    with looked as materialized (
      select id, first_seq, ${cutoff(settings)} as cutoff
      from conversations where id >= ${from} order by id limit ${most.looks})
    select (select id from looked where (
        select created_at from messages where conversation_id = looked.id and seq >= first_seq order by seq limit 1
      ) < cutoff order by id limit 1) as found,
      (select id from looked order by id desc limit 1) as last`)
  return row ?? { found: null, last: null }
}

type Expired = {
  conversationId: string
  kind: 'direct' | 'group' | 'room'
  count: number
  firstSeq: number
  version: number
  /** How many messages people said before `firstSeq`. */
  readSaid: number
  /** Its members, unless it is a room. */
  members: string[]
  /** Those whom the deleted messages mentioned. */
  mentioned: string[]
}

/**
 * Deletes the oldest messages of a conversation, as far as they are expired, and marks them read for everyone.
 * @returns undefined if there are none, because somebody else deleted them or the conversation
 */
export async function deleteExpired(
  tx: Transaction,
  conversationId: string,
  settings: Keep,
): Promise<Expired | undefined> {
  const { from, firstSeq } = await findRange(tx, conversationId, settings)
  if (firstSeq === from) return undefined
  const gone = sql`conversation_id = ${conversationId} and seq >= ${from} and seq < ${firstSeq}`
  for (const table of [messages, messageChanges, messageVersions, reactions, replies])
    await tx.delete(table).where(gone)
  const mentioned = await tx.delete(mentions).where(gone).returning({ id: mentions.userId })
  const read = sql`${firstSeq - 1}::bigint`
  const [row] = await tx.execute<
    Record<'version' | 'readSaid', string> & Pick<Expired, 'kind' | 'members'>
  >(sql`
    with moved as (
      update memberships set last_read_seq = greatest(last_read_seq, ${read}),
        last_delivered_seq = greatest(last_delivered_seq, ${read})
      where conversation_id = ${conversationId} and least(last_read_seq, last_delivered_seq) < ${read})
    update conversations set first_seq = ${firstSeq}, version = version + 1 where id = ${conversationId}
    returning kind, version, ${saidUpTo(read)} as "readSaid", case when kind = 'room' then '{}' else
      array(select user_id from memberships where conversation_id = conversations.id) end as members`)
  if (!row) return undefined
  return {
    ...row,
    conversationId,
    count: firstSeq - from,
    firstSeq,
    version: Number(row.version),
    readSaid: Number(row.readSaid),
    mentioned: [...new Set(mentioned.map(({ id }) => id))],
  }
}

/** Locks the conversation, so that no message changes until the commit, and finds where its expired messages end. */
async function findRange(tx: Transaction, conversationId: string, settings: Keep) {
  await tx.execute(sql`select from conversations where id = ${conversationId} for no key update`)
  const [row] = await tx.execute<Record<'from' | 'firstSeq', string>>(sql`
    select first_seq as from, coalesce(min(seq) filter (where created_at >= cutoff), max(seq) + 1, first_seq) as "firstSeq"
    from (select first_seq, ${cutoff(settings)} as cutoff from conversations where id = ${conversationId}) as place
      left join lateral (
        select seq, created_at from messages
        where conversation_id = ${conversationId} and seq >= first_seq order by seq limit ${most.deletions}
      ) as oldest on true
    group by first_seq`)
  return { from: Number(row?.from ?? 0), firstSeq: Number(row?.firstSeq ?? 0) }
}

export async function publishExpired({ conversationId, firstSeq, version, readSaid, ...expired }: Expired) {
  // A client takes the higher one of this and the cursor that it knows.
  const read = { lastReadSeq: firstSeq - 1, readSaid }
  const channels = [conversationChannel(conversationId), ...expired.members.map(userChannel)]
  publish(
    event(channels, 'conversation.touched', { conversationId, firstSeq, version, ...read }),
    ...(await mentionEvents(conversationId, Number.MAX_SAFE_INTEGER, expired.mentioned)),
  )
}
