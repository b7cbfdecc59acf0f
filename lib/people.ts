import 'server-only'
import { and, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { database } from '@/db/connection'
import { blocks, conversations, invitations, memberships, presence, users } from '@/db/schema'
import { findConversation, findDirectConversation } from './conversations'
import type { CurrentUser } from './current-user'
import { invalid, missing } from './errors'
import { check, isId, searchText } from './fields'
import { answeredEvents, endInvitations } from './invitations'
import { spend } from './limits'
import { lockPair } from './pairs'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish, published } from './realtime/publish'
import { closeSocketsOf } from './realtime/sockets'
import { findMatches, inTurn, type Place, tiersOf } from './search'
import { toUser, userColumns } from './users'
import type { User } from './views'

/** A person as found by somebody: with what there is between the two. */
export type FoundPerson = User & {
  conversationId: string | null
  /** Unread messages in the conversation with them. */
  unread: number
  invitation: { id: string; direction: 'received' | 'sent' } | null
  isBlocked: boolean
  isGuest: boolean
}

const pageLength = 20
const useNextCursor = 'Use the nextCursor of the page before.'
const cursorPattern = /^([0-4]):([\w.-]+)$/
const search = z.object({
  q: searchText.nullish(),
  cursor: z.string().regex(cursorPattern, useNextCursor).nullish(),
})

/**
 * People whose username or name holds `q`, or begins with it if it is short, best match first; everyone without it. A
 * page at a time: `nextCursor` gives the next.
 * @throws {Refusal} 422 for faulty fields, 429
 */
export async function searchPeople(user: CurrentUser, input: unknown) {
  const { q, cursor } = check(search, input)
  await spend('search', user)
  const tiers = await tiersOf(q?.toLowerCase() ?? '')
  const from = readCursor(cursor)
  if (from.tier >= tiers.length) throw invalid({ cursor: useNextCursor })
  return inTurn(async () => {
    // One more than a page, to know whether there is another.
    const found = await findMatches(tiers, from, pageLength + 1)
    const page = found.slice(0, pageLength)
    const last = page.at(-1)
    return {
      users: await describePeople(
        user,
        page.map(({ id }) => id),
      ),
      nextCursor: found.length > pageLength && last ? `${last.tier}:${last.key}` : null,
    }
  })
}

/** A cursor is `<tier>:<username>`. */
function readCursor(cursor: string | null | undefined): Place {
  const [, tier = 0, after = ''] = cursorPattern.exec(cursor ?? '') ?? []
  return { tier: Number(tier), after }
}

async function describePeople(user: CurrentUser, ids: string[]): Promise<FoundPerson[]> {
  const mine = alias(memberships, 'mine')
  const key = sql`least(${users.id}, ${user.id}::uuid) || ':' || greatest(${users.id}, ${user.id}::uuid)`
  const rows = await database()
    .select({
      ...userColumns,
      // Only where the person is in it.
      conversationId: mine.conversationId,
      unread: sql<number>`coalesce(${conversations.lastSeq} - ${mine.lastReadSeq}, 0)::int`,
      invitationId: invitations.id,
      inviterId: invitations.inviterId,
      isBlocked: sql<boolean>`${blocks.blockerId} is not null`,
      isGuest: sql<boolean>`${users.passwordHash} is null`,
    })
    .from(users)
    .leftJoin(presence, eq(presence.userId, users.id))
    .leftJoin(conversations, eq(conversations.directKey, key))
    .leftJoin(mine, and(eq(mine.conversationId, conversations.id), eq(mine.userId, user.id)))
    .leftJoin(
      invitations,
      and(
        eq(invitations.status, 'pending'),
        eq(
          sql`least(${invitations.inviterId}, ${invitations.inviteeId})`,
          sql`least(${users.id}, ${user.id}::uuid)`,
        ),
        eq(
          sql`greatest(${invitations.inviterId}, ${invitations.inviteeId})`,
          sql`greatest(${users.id}, ${user.id}::uuid)`,
        ),
      ),
    )
    .leftJoin(blocks, and(eq(blocks.blockerId, user.id), eq(blocks.blockedId, users.id)))
    .where(sql`${users.id} = any(${sql.param(ids)}::uuid[])`)
  const people = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => {
    const row = people.get(id)
    if (!row) return []
    const { conversationId, unread, invitationId, inviterId, isBlocked, isGuest } = row
    const direction = inviterId === user.id ? ('sent' as const) : ('received' as const)
    const invitation = invitationId ? { id: invitationId, direction } : null
    return { ...toUser(row), conversationId, unread, invitation, isBlocked, isGuest }
  })
}

/**
 * Blocks a person: pending invitations between the two end, their direct conversation closes. The blocker's sockets are
 * closed, so that none of them stays on its presence channel, where the other would see and hear them. The other's
 * are left alone: nobody can disconnect somebody else by blocking them.
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
    touchedEvents(user, personId),
    ...ended.map((id) => answeredEvents(id)),
  ])
  publish(...answered.flat(), ...touched)
  if (!isNew || !touched.length) return
  // First the pages hear that the conversation is closed: they come back without its presence channel.
  await published()
  await closeSocketsOf(user.id)
}

/** @throws {Refusal} 404 for an unknown person, 429 */
export async function unblockPerson(user: CurrentUser, personId: string) {
  if (!isId(personId)) throw missing('person')
  await spend('block', user)
  await database()
    .delete(blocks)
    .where(and(eq(blocks.blockerId, user.id), eq(blocks.blockedId, personId)))
  publish(...(await touchedEvents(user, personId)))
}

/**
 * Notifies both people whether their direct conversation is closed, without saying who did it; and when it is open
 * again, of what was hidden from each other meanwhile.
 */
async function touchedEvents(user: CurrentUser, personId: string) {
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
