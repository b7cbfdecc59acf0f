import 'server-only'
import { and, eq, lt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { memberships, users } from '@/db/schema'
import { createdEvents } from './conversations'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { isId } from './fields'
import { spend } from './limits'
import { conversationChannel, userChannel } from './realtime/channels'
import { event, publish, published } from './realtime/publish'
import { closeSocketsOf } from './realtime/sockets'
import { grace, knownAt, personColumns, toPerson } from './users'
import type { Person } from './views'

/** A person in a room: somebody with a tab or a stream of theirs open there. */
export type Attendance = { conversationId: string; userId: string }

// As with presence (presence.ts): a tab or stream seen counts for 6 s, and is looked for every 2.5.
const attendanceLifetime = sql`interval '6 seconds'`
/**
 * In a room of more people nobody is told of each who comes and goes: it would be noise, and grow with the
 * square of their number.
 */
const crowd = 50

/**
 * Notes that the person is in the room. If they were not, it costs them a join, and the people there are notified
 * unless they are a crowd.
 * @throws {Refusal} 404 for a room that is gone, 429
 */
export async function enterRoom(user: CurrentUser, conversationId: string) {
  if (await stayInRoom(user, conversationId)) return
  await spend('joinRoom', user)
  const [entered] = await database().execute<{ count: number | null }>(sql`
    insert into memberships (conversation_id, user_id, present_until, last_read_seq, last_delivered_seq)
    select id, ${user.id}, now() + ${attendanceLifetime}, last_seq, last_seq
    -- The lock waits for housekeeping: without it a room removed meanwhile would break the foreign key.
    from conversations where id = ${conversationId} and kind = 'room' for key share
    on conflict (conversation_id, user_id) do update set present_until = excluded.present_until
    -- Nothing for a row that was there.
    returning case when xmax = 0 then
      (select count(*)::int from memberships where conversation_id = ${conversationId}) end as count`)
  if (!entered) throw missing('room')
  if (typeof entered.count !== 'number') return
  const { id, username, name } = user
  const joined = { conversationId, id, username, name }
  publish(
    ...(entered.count < crowd ? [event(conversationChannel(conversationId), 'member.joined', joined)] : []),
    // For the list in the person's other tabs.
    ...(await createdEvents(user, conversationId)),
  )
}

/** Notes that a person who is in the room still is. @returns whether they are */
async function stayInRoom({ id }: CurrentUser, conversationId: string) {
  const stayed = await database()
    .update(memberships)
    .set({ presentUntil: sql`now() + ${attendanceLifetime}` })
    .where(
      and(
        eq(memberships.conversationId, conversationId),
        eq(memberships.userId, id),
        sql`${memberships.presentUntil} is not null`,
      ),
    )
    .returning({ id: memberships.userId })
  return stayed.length > 0
}

/** Leaves at once; a tab that is open there no longer counts, nor does it hear any more. */
export async function leaveRoom(user: Person, conversationId: string) {
  if (!isId(conversationId)) throw missing('room')
  const left = await removeWhere(
    true,
    and(eq(memberships.conversationId, conversationId), eq(memberships.userId, user.id)),
  )
  if (!left) return
  // Soketi cannot take a socket out of one channel, so it closes them. First its pages hear that they left:
  // they come back, and not into the room.
  await published()
  await closeSocketsOf(user.id)
}

/** Notes who still has a tab or a stream open. Who has left meanwhile is not brought back. */
export async function keepAttending(attendances: Attendance[]) {
  if (!attendances.length) return
  await database().execute(sql`
    update memberships set present_until = now() + ${attendanceLifetime}
    from jsonb_to_recordset(${JSON.stringify(attendances)}::jsonb) as seen ("conversationId" uuid, "userId" uuid)
    where conversation_id = "conversationId" and user_id = "userId" and present_until is not null`)
}

/** Notes that a person's last tab there closed; who is back in a moment has not left. */
export async function stopAttending({ conversationId, userId }: Attendance) {
  await database()
    .update(memberships)
    .set({ presentUntil: sql`least(${memberships.presentUntil}, now() + ${grace})` })
    .where(and(eq(memberships.conversationId, conversationId), eq(memberships.userId, userId)))
}

/** Removes the people of whom no tab or stream was seen any more, as far as that is known. */
export const removeAbsent = () => removeWhere(false, lt(memberships.presentUntil, knownAt))

/** @returns how many left */
async function removeWhere(byChoice: boolean, where: ReturnType<typeof and>) {
  const left = await database()
    .delete(memberships)
    .where(and(where, sql`${memberships.presentUntil} is not null`))
    .returning({ conversationId: memberships.conversationId, userId: memberships.userId })
  if (!left.length) return 0
  const rooms = [...new Set(left.map(({ conversationId }) => conversationId))]
  const small = await listSmallRooms(rooms)
  // The person's own streams and tabs are notified in any case, because they end.
  const announced = left.filter(({ conversationId }) => byChoice || small.has(conversationId))
  const people = await findPeople(announced.map(({ userId }) => userId))
  publish(
    ...announced.flatMap(({ conversationId, userId }) => {
      const person = people.get(userId)
      return person
        ? event(conversationChannel(conversationId), 'member.left', { conversationId, byChoice, ...person })
        : []
    }),
    ...rooms.map((conversationId) => {
      const gone = left.filter((one) => one.conversationId === conversationId)
      const channels = gone.map(({ userId }) => userChannel(userId))
      return event(channels, 'conversation.touched', { conversationId, hasLeft: true })
    }),
  )
  return left.length
}

/** Those of the rooms that have fewer people than a crowd. */
async function listSmallRooms(ids: string[]) {
  const counts = await Promise.all(
    ids.map((id) => database().$count(memberships, eq(memberships.conversationId, id))),
  )
  return new Set(ids.filter((_id, index) => (counts[index] ?? 0) < crowd))
}

async function findPeople(ids: string[]) {
  if (!ids.length) return new Map<string, Person>()
  const rows = await database()
    .select(personColumns(users))
    .from(users)
    .where(sql`${users.id} = any(${sql.param(ids)}::uuid[])`)
  return new Map(rows.map((row) => [row.id, toPerson(row)]))
}
