import 'server-only'
import { desc, eq, gt, isNotNull, lt, type SQL, sql } from 'drizzle-orm'
import { prepared } from '@/db/prepared'
import { blocks, conversations, memberships, presence, users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { directKeyOf } from './pairs'
import { isOnline, toUser, userColumns } from './users'
import type { OnlinePerson, Room } from './views'

const mostRooms = 6

/** Some people who are online and can be invited. */
export async function listOnline(user: CurrentUser): Promise<OnlinePerson[]> {
  const rows = await selectOnline({ userId: user.id })
  return rows.map((row) => ({ ...toUser(row), conversationId: row.conversationId }))
}

/** The rooms that most people are in, the fullest first. Empty rooms are left out. */
export async function listBusyRooms(): Promise<(Room & { count: number })[]> {
  const rows = await selectBusyRooms({})
  return rows.map(({ name, ...room }) => ({ ...room, name: name ?? '' }))
}

const userId = sql.placeholder('userId')

// In the order of ids from the person's own on, so that not everyone sees the same people. An index has this order, and
// is read no further than to the limit, however many are online. As a parameter the limit would be unknown to the plan.
const selectOnline = prepared((db) =>
  db
    .select({ ...userColumns, conversationId: conversations.id })
    .from(users)
    .innerJoin(presence, eq(presence.userId, users.id))
    .leftJoin(conversations, eq(conversations.directKey, directKeyOf(users.id, sql`${userId}::uuid`)))
    .where(
      sql`${users.id} in (${someOnline(gt(presence.userId, userId))} union all ${someOnline(lt(presence.userId, userId))} limit ${mostOnline})`,
    ),
)

const mostOnline = sql.raw('12')

// The inner limit comes before the conditions that the planner underestimates: it would otherwise read and sort
// everyone who is online.
const someOnline = (which: SQL) => sql`(
  select ${presence.userId} from (
    select * from ${presence} where ${which} and ${presence.announcedOnline} order by ${presence.userId} limit 50
  ) as presence join ${users} on ${users.id} = ${presence.userId}
  where ${isOnline} and password_hash is not null and removed_at is null
    and not exists (select from ${blocks} where ${blocks.blockerId} = ${userId} and ${blocks.blockedId} = ${users.id})
  order by ${presence.userId} limit ${mostOnline})`

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
