import 'server-only'
import { desc, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
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

/** The rooms that most people are in, the fullest first, with a count up to 100. Empty rooms are left out. */
export async function listBusyRooms(user: CurrentUser): Promise<(Room & { count: number })[]> {
  const rows = await selectBusyRooms({ userId: user.id })
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

// The fullest of at most 100 rooms in the order of ids, again from the person's own id on, so that the cost does not grow
// with rooms and people. The index is read once for each room, and not for each person.
const someRooms = (which: SQL) => sql`(
  with recursive room (id, number) as (
    (select conversation_id, 1 from memberships where present_until is not null and ${which} order by 1 limit 1)
    union all
    select (select conversation_id from memberships
      where present_until is not null and conversation_id > room.id and ${which} order by 1 limit 1), number + 1
    from room where id is not null and number < 100
  )
  select id from room where id is not null)`

const count = sql<number>`(select count(*)::int from (
  select from memberships where conversation_id = ${conversations.id} limit 100) as people)`
const selectBusyRooms = prepared((db) =>
  db
    .select({ id: conversations.id, name: conversations.name, count })
    .from(conversations)
    .where(
      sql`${conversations.id} in (${someRooms(gt(memberships.conversationId, userId))} union all ${someRooms(lt(memberships.conversationId, userId))} limit 100)`,
    )
    .orderBy(desc(count), conversations.name)
    .limit(mostRooms),
)
