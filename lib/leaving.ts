import 'server-only'
import { and, eq, isNull, ne, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { blocks, conversations, memberships, presence } from '@/db/schema'
import { deletedName } from './barred-names'
import { eraseLater } from './erasing-job'
import { departureEvents, leave } from './group-members'
import { lockOwnGroup } from './groups'
import { addJob, defineJob } from './jobs'
import { renameInNotices } from './notices'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { toPerson } from './users'
import type { Person } from './views'

// A deleted person leaves their groups, and their direct conversations close. There may be thousands of them.

/** `username` is the one that the person had. */
type State = { personId: string; username: string; erases: boolean; after?: string }

const kind = 'leave'
const first = '00000000-0000-0000-0000-000000000000'
const atOnce = 20
/** How many batches are done before the person gets the answer: enough for nearly everyone. */
const batchesBeforeAnswer = 10

/** Adds the job for a person who is being deleted. Call `startJobs` after the commit. */
export const leaveLater = (tx: Pick<Transaction, 'insert'>, state: State) => addJob(tx, kind, state)

defineJob(kind, async (tx, state) => {
  const { personId, erases } = state as State
  const { last, events } = await leaveSome(tx, state as State)
  if (last) return { next: { ...state, after: last }, publish: () => publish(...events) }
  await tx.delete(blocks).where(eq(blocks.blockerId, personId))
  await tx.delete(presence).where(eq(presence.userId, personId))
  if (erases) await eraseLater(tx, { senderId: personId })
  return { next: undefined }
})

/** Does the job's first batches now. Whatever is left, or fails, the job does. */
export async function leaveAtOnce(who: Pick<State, 'personId' | 'username'>) {
  let after: string | undefined
  for (let batch = 0; batch < batchesBeforeAnswer; batch++) {
    const { last, events } = await database().transaction((tx) => leaveSome(tx, { ...who, after }))
    publish(...events)
    if (!last) return
    after = last
  }
}

type Leaving = Omit<State, 'erases'>

/** Leaves the next groups, and closes the next direct conversations, by id. */
async function leaveSome(tx: Transaction, { personId, username, after = first }: Leaving) {
  const rows = await tx
    .select({ id: conversations.id, kind: conversations.kind })
    .from(memberships)
    .innerJoin(conversations, eq(conversations.id, memberships.conversationId))
    .where(and(eq(memberships.userId, personId), sql`${conversations.id} > ${after}`))
    .orderBy(conversations.id)
    .limit(atOnce)
  const person = toPerson({ id: personId, ...deletedName })
  const events: Parameters<typeof publish> = []
  for (const { id, kind } of rows)
    events.push(
      ...(await (kind === 'direct' ? closeDirect(tx, person, id) : leaveGroup(tx, person, id, username))),
    )
  return { last: rows.at(-1)?.id, events }
}

/** Closes a direct conversation, which stays with the other person. */
async function closeDirect(tx: Transaction, person: Person, conversationId: string) {
  await tx
    .update(conversations)
    .set({ closedAt: sql`now()` })
    .where(and(eq(conversations.id, conversationId), isNull(conversations.closedAt)))
  const others = await tx
    .select({ id: memberships.userId })
    .from(memberships)
    .where(and(eq(memberships.conversationId, conversationId), ne(memberships.userId, person.id)))
  // On the conversation's channel too, for the names of the messages that an open page shows.
  const channels = [...others.map(({ id }) => userChannel(id)), conversationChannel(conversationId)]
  return [
    event(channels, 'conversation.touched', {
      conversationId,
      isClosed: true,
      name: person.name,
      member: { ...person, role: 'member' },
    }),
  ]
}

async function leaveGroup(tx: Transaction, person: Person, id: string, username: string) {
  const group = await lockOwnGroup(tx, person, id)
  // An owner may have removed them meanwhile.
  if (!group) return []
  await renameInNotices(tx, id, username)
  return departureEvents(id, await leave(tx, group, person, person.name))
}
