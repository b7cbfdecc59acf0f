import 'server-only'
import { sql } from 'drizzle-orm'
import type { Transaction } from '@/db/connection'
import { type Erased, eraseMessages, publishErased } from './erasing'
import { addJob, type Batch, defineJob } from './jobs'

/** The messages of one person: all, or only those in rooms since a time (ISO 8601). */
type Wanted = { senderId: string; inRoomsSince?: string }

/**
 * How far the job has come: conversations up to `after` are done, by id, and of the conversation `within` the messages
 * up to that nonce. There is an index on (conversation, sender, nonce), but none on the sender alone.
 */
type State = Wanted & { after: string; within?: { id: string; nonce: string } }

const first = '00000000-0000-0000-0000-000000000000'
const kind = 'erase'

/** Deletes messages of a person, as if they had deleted each of them. Call `startJobs` after the commit. */
export const eraseLater = (tx: Pick<Transaction, 'insert'>, wanted: Wanted) =>
  addJob(tx, kind, { ...wanted, after: first } satisfies State)

/** The most that one batch looks through, and deletes. Each message is an event (lib/realtime/publish.ts). */
const most = { conversations: 2000, withMessages: 20, read: 1000, erased: 100 }

defineJob(kind, (tx, state) => eraseBatch(tx, state as State))

async function eraseBatch(tx: Transaction, state: State): Promise<Batch> {
  const { ids, last } = await findConversations(tx, state)
  const erased: Erased[] = []
  let { after } = state
  let within: State['within']
  let left = most.erased
  for (const id of ids) {
    if (!left) break
    const { seqs, nonce } = await findMessages(tx, state, id, left)
    erased.push(...(await eraseMessages(tx, id, seqs)))
    left -= seqs.length
    within = nonce ? { id, nonce } : undefined
    if (within) break
    after = id
  }
  const isPageDone = ids.length < most.withMessages && after === (ids.at(-1) ?? after)
  const next = isPageDone ? last : after
  return {
    next: next === null ? undefined : { ...state, after: next, within },
    publish: async () => {
      for (const one of erased) await publishErased(one)
    },
  }
}

/** The next conversations with messages of the person, and the last one that was looked at; null if there is none. */
async function findConversations(tx: Transaction, { senderId, inRoomsSince, after }: State) {
  const [row] = await tx.execute<{ ids: string[]; last: string | null }>(sql`
    with page as materialized (
      select id, kind from conversations where id > ${after} order by id limit ${most.conversations})
    select (select id from page order by id desc limit 1) as last, array(
      select id from page
      where (kind = 'room' or ${!inRoomsSince}::boolean)
        and exists (select from messages where conversation_id = page.id and sender_id = ${senderId})
      order by id limit ${most.withMessages}) as ids`)
  return row ?? { ids: [], last: null }
}

/** The next messages to delete, and the nonce up to which they were read; undefined at the end. */
async function findMessages(tx: Transaction, state: State, id: string, limit: number) {
  const { senderId, inRoomsSince = '-infinity', within } = state
  const after = within?.id === id ? within.nonce : ''
  const rows = await tx.execute<{ seq: string; nonce: string; isWanted: boolean }>(sql`
    select seq, nonce, created_at >= ${inRoomsSince}::timestamptz and body <> '' as "isWanted" from messages
    where conversation_id = ${id} and sender_id = ${senderId} and nonce > ${after}
    order by nonce limit ${most.read}`)
  const wanted = rows.filter(({ isWanted }) => isWanted)
  const isCut = wanted.length > limit
  const lastRead = isCut ? wanted[limit - 1] : rows[most.read - 1]
  return {
    seqs: wanted.slice(0, limit).map(({ seq }) => Number(seq)),
    nonce: lastRead?.nonce,
  }
}
