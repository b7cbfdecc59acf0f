import 'server-only'
import { and, desc, eq, gt, isNotNull, isNull, lt, notExists, type SQL, sql } from 'drizzle-orm'
import { unionAll } from 'drizzle-orm/pg-core'
import type { Database } from '@/db/connection'
import { prepared } from '@/db/prepared'
import { blocks, conversations, memberships, presence, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { isOnline, toUser, userColumns } from './users'
import type { Room, User } from './views'

const mostOnline = 12
const mostRooms = 6

/** Some people who are online and can be invited. */
export async function listOnline(user: CurrentUser): Promise<User[]> {
  return (await selectOnline({ userId: user.id })).map(toUser)
}

/** The rooms that most people are in, the fullest first. Empty rooms are left out. */
export async function listBusyRooms(): Promise<(Room & { count: number })[]> {
  const rows = await selectBusyRooms({})
  return rows.map(({ name, ...room }) => ({ ...room, name: name ?? '' }))
}

const userId = sql.placeholder('userId')

// In the order of ids from the person's own on, so that not everyone sees the same people. An index has this order,
// and reading ends at the limit, however many are online.
const selectOnline = prepared((db) =>
  unionAll(
    selectOthers(db, gt(presence.userId, userId)),
    selectOthers(db, lt(presence.userId, userId)),
  ).limit(mostOnline),
)

const selectOthers = (db: Database, which: SQL) =>
  db
    .select(userColumns)
    .from(presence)
    .innerJoin(users, eq(users.id, presence.userId))
    .where(
      and(
        which,
        presence.announcedOnline,
        isOnline,
        isNotNull(users.passwordHash),
        isNull(users.removedAt),
        notExists(
          db
            .select({ one: sql`1` })
            .from(blocks)
            .where(and(eq(blocks.blockerId, userId), eq(blocks.blockedId, users.id))),
        ),
      ),
    )
    .orderBy(presence.userId)
    .limit(mostOnline)

const count = sql<number>`count(*)::int`
const selectBusyRooms = prepared((db) =>
  db
    .select({ id: conversations.id, name: conversations.name, count })
    .from(memberships)
    .innerJoin(conversations, eq(conversations.id, memberships.conversationId))
    // Only memberships of rooms have it, and an index finds them.
    .where(isNotNull(memberships.presentUntil))
    .groupBy(conversations.id)
    .orderBy(desc(count), conversations.name)
    .limit(mostRooms),
)
