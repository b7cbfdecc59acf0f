import 'server-only'
import { and, eq } from 'drizzle-orm'
import { database } from '@/db/connection'
import { blocks, conversations } from '@/db/schema'
import { findConversation, findDirectConversation } from './conversations'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { isId } from './fields'
import { answeredEvents, endInvitations } from './invitations'
import { spend } from './limits'
import { lockPair } from './pairs'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish, published } from './realtime/publish'
import { closeSocketsOf } from './realtime/sockets'

/**
 * Blocks a person: pending invitations between the two end, and their direct conversation closes. The blocker's
 * sockets are closed so that none stays subscribed to its presence channel, where the blocked person could see them.
 * The blocked person's sockets stay open: blocking somebody must not disconnect them.
 * @throws {Refusal} 404 for an unknown person, 403 for oneself, 429
 */
export async function blockPerson(user: CurrentUser, personId: string) {
  await spend('block', user)
  const { isNew, ended } = await database().transaction(async (tx) => {
    await lockPair(tx, user.id, personId)
    const added = await tx
      .insert(blocks)
      .values({ blockerId: user.id, blockedId: personId })
      .onConflictDoNothing()
      .returning({ blockedId: blocks.blockedId })
    return { isNew: added.length > 0, ended: await endInvitations(tx, user.id, personId) }
  })
  const [touched, ...answered] = await Promise.all([
    closedEvents(user, personId),
    ...ended.map((id) => answeredEvents(id)),
  ])
  publish(...answered.flat(), ...touched)
  if (!isNew || !touched.length) return
  // The blocker's pages receive the event first, so that they reconnect without the presence channel.
  await published()
  await closeSocketsOf(user.id)
}

/** The ids of the people whom the person has blocked, if the conversation is a group. Elsewhere nothing is hidden. */
export async function listBlocked(user: CurrentUser, conversationId: string) {
  const rows = await database()
    .select({ id: blocks.blockedId })
    .from(blocks)
    .innerJoin(conversations, and(eq(conversations.id, conversationId), eq(conversations.kind, 'group')))
    .where(eq(blocks.blockerId, user.id))
  return rows.map(({ id }) => id)
}

/** @throws {Refusal} 404 for an unknown person, 429 */
export async function unblockPerson(user: CurrentUser, personId: string) {
  if (!isId(personId)) throw missing('person')
  await spend('block', user)
  await database()
    .delete(blocks)
    .where(and(eq(blocks.blockerId, user.id), eq(blocks.blockedId, personId)))
  publish(...(await closedEvents(user, personId)))
}

/**
 * Events that tell both people whether their direct conversation is closed, but not who blocked whom. If it is open
 * again, they also carry the status and receipts that were hidden while it was closed.
 */
async function closedEvents(user: CurrentUser, personId: string) {
  const id = await findDirectConversation(database(), user.id, personId)
  const conversation = id && (await findConversation(user, id))
  if (!conversation) return []
  const { isClosed, people, receipts } = conversation
  const touched = { conversationId: id, isClosed }
  if (isClosed) return [event([user.id, personId].map(userChannel), 'conversation.touched', touched)]
  return [
    ...people.map(({ id, status, lastSeenAt }) =>
      event(userChannel(id === user.id ? personId : user.id), 'conversation.touched', {
        ...touched,
        person: { id, status, lastSeenAt },
      }),
    ),
    ...receipts.map((receipt) =>
      event(conversationChannel(id), 'receipt.updated', { conversationId: id, ...receipt }),
    ),
  ]
}
