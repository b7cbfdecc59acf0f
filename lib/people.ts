import 'server-only'
import { and, desc, eq, isNotNull, isNull, ne, not, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import { z } from 'zod'
import { database } from '@/db/connection'
import { isAmong } from '@/db/is-among'
import { blocks, conversations, invitations, memberships, presence, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { invalid } from './errors'
import { check, searchText } from './fields'
import { spend } from './limits'
import { isClosed } from './pairs'
import { findMatches, inTurn, type Place, tiersOf } from './search'
import { personColumns, toPerson, toUser, userColumns } from './users'
import type { FoundPerson, Person } from './views'

const pageLength = 20
const useNextCursor = 'Use the nextCursor of the previous page.'
const cursorPattern = /^([0-3]):([\w.-]+)$/
export const peopleSearch = z.object({
  q: searchText.nullish(),
  cursor: z
    .string()
    .regex(cursorPattern, useNextCursor)
    .nullish()
    .meta({ description: 'The `nextCursor` of the page before.' }),
})

/**
 * Finds people whose username or name contains `q`, or begins with it if `q` is short, best match first. Of very many
 * matches, only the best are listed. Without `q`, lists everyone. One page at a time: `nextCursor` leads to the next.
 * @throws {Refusal} 422 for faulty fields, 429
 */
export const searchPeople = (user: CurrentUser, input: unknown) =>
  findPeople(user, input, pageLength, (ids) => describePeople(user, ids))

/** The same with pages of another length, and people as `describe` returns them for their ids. */
export async function findPeople<Found>(
  user: CurrentUser,
  input: unknown,
  length: number,
  describe: (ids: string[]) => Promise<Found[]>,
) {
  const { q, cursor } = check(peopleSearch, input)
  await spend('search', user)
  const tiers = await tiersOf(q?.toLowerCase() ?? '')
  const from = readCursor(cursor)
  if (from.tier >= tiers.length) throw invalid({ cursor: useNextCursor })
  return inTurn(async () => {
    // One more than fits, to know whether there is another page.
    const found = await findMatches(tiers, from, length + 1)
    const page = found.slice(0, length)
    const last = page.at(-1)
    return {
      users: await describe(page.map(({ id }) => id)),
      nextCursor: found.length > length && last ? `${last.tier}:${last.key}` : null,
    }
  })
}

const mostPartners = 200

/** The people with whom the person has a conversation that isn't closed, by name: the most recent ones of many. */
export async function listPartners({ id }: CurrentUser): Promise<Person[]> {
  const mine = alias(memberships, 'mine')
  const latest = database()
    .select({ id: mine.conversationId })
    .from(mine)
    .where(and(eq(mine.userId, id), isNotNull(mine.activeAt)))
    .orderBy(desc(mine.activeAt))
    .limit(mostPartners)
    .as('latest')
  const rows = await database()
    .select(personColumns(users))
    .from(latest)
    .innerJoin(conversations, eq(conversations.id, latest.id))
    .innerJoin(memberships, and(eq(memberships.conversationId, conversations.id), ne(memberships.userId, id)))
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(and(eq(conversations.kind, 'direct'), not(isClosed), isNull(users.removedAt)))
    .orderBy(users.usernameKey)
  return rows.map(toPerson)
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
      // Null unless the searcher is a member.
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
        isNull(invitations.conversationId),
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
    .where(isAmong(users.id, ids))
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
