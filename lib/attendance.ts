import 'server-only'
import { and, eq, gt, lt, type SQL, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { isAmong } from '@/db/is-among'
import { memberships, roomBans, users } from '@/db/schema'
import { createdEvents } from './conversations'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { isId } from './fields'
import { spend } from './limits'
import { attendanceChannel, conversationChannel, userChannel } from './realtime/channels'
import { findOccupied } from './realtime/occupied'
import { event, publish, published } from './realtime/publish'
import { closeSocketsOf } from './realtime/sockets'
import { forever, grace, personColumns, toPerson } from './users'
import { inUtc } from './utc-time'
import type { Person } from './views'

/** A person is in a room while they have a tab or a stream open there. */
export type Attendance = { conversationId: string; userId: string }

/**
 * How long a stream, or a page that is about to open its socket, counts. While a socket is open there, the time is
 * `infinity`, as for presence (presence.ts).
 */
const attendanceLifetime = sql`interval '6 seconds'`
/** How long a closed tab counts: longer than the time between two reports of a stream in the same room. */
const closedLifetime = sql`interval '4 seconds'`
/**
 * Larger rooms don't announce joins and leaves: they would be noise, and the number of notifications grows with
 * the square of the people.
 */
const maxAnnounced = 50

/**
 * Records that the person is in the room. If they were not in it yet, this counts as a join, and a room that isn't too
 * large is notified.
 * @throws {Refusal} 404 if the room was removed, 403 for a person who was put out of it, 429
 */
export async function enterRoom(user: CurrentUser, conversationId: string) {
  if (await stayInRoom(user, conversationId)) return
  await spend('joinRoom', user)
  const [entered] = await database().transaction(async (tx) => {
    // A moderator who puts the person out locks this row too (moderated-person.ts), and so does the deletion of the
    // account. So either the next statement finds the ban or the deletion, or those find the membership.
    await tx.execute(sql`select from users where id = ${user.id} for share`)
    return tx.execute<{ count: number | null }>(sql`
    insert into memberships (conversation_id, user_id, present_until, last_read_seq, last_delivered_seq)
    select id, ${user.id}, now() + ${attendanceLifetime}, last_seq, last_seq
    -- Lock the room, or its removal by housekeeping in the meantime would break the foreign key.
    from conversations where id = ${conversationId} and kind = 'room' and not ${isBanned(user.id)}
      and exists (select from users where users.id = ${user.id} and removed_at is null)
    for key share
    on conflict (conversation_id, user_id) do update
      set present_until = greatest(memberships.present_until, excluded.present_until)
    -- Null if the row existed.
    returning case when xmax = 0 then
      (select count(*)::int from memberships where conversation_id = ${conversationId}) end as count`)
  })
  if (!entered) throw (await findBan(user.id, conversationId)) ?? missing('room')
  if (typeof entered.count !== 'number') return
  const { id, username, name } = user
  const joined = { conversationId, id, username, name }
  publish(
    ...(entered.count < maxAnnounced
      ? [event(conversationChannel(conversationId), 'member.joined', joined)]
      : []),
    // Adds the room to the list in the person's other tabs.
    ...(await createdEvents(user, conversationId)),
  )
}

const isBanned = (userId: string) => sql`exists (
  select from room_bans where conversation_id = conversations.id and user_id = ${userId} and until > now())`

/** The refusal for a person who was put out of the room. */
async function findBan(userId: string, conversationId: string) {
  const [ban] = await database()
    .select({ until: roomBans.until })
    .from(roomBans)
    .where(
      and(
        eq(roomBans.conversationId, conversationId),
        eq(roomBans.userId, userId),
        gt(roomBans.until, sql`now()`),
      ),
    )
  return ban && new Refusal(403, `A moderator put you out of this room until ${inUtc(ban.until)}.`)
}

/** Prolongs the person's attendance. @returns false if they are not in the room */
async function stayInRoom({ id }: CurrentUser, conversationId: string) {
  const stayed = await database()
    .update(memberships)
    .set({ presentUntil: sql`greatest(${memberships.presentUntil}, now() + ${attendanceLifetime})` })
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

/** Leaves at once, even with a tab open there: that tab receives nothing more. */
export async function leaveRoom(user: Person, conversationId: string) {
  if (!isId(conversationId)) throw missing('room')
  await endAttendance(user.id, await removeFromRooms(database(), user.id, conversationId))
}

/** Ends the streams of a person who was removed from rooms, and what their tabs receive from there. */
export async function endAttendance(userId: string, left: Attendance[]) {
  if (!left.length) return
  await announceLeft(left, { byChoice: true })
  // Soketi cannot unsubscribe a socket from one channel, so all of the person's sockets are closed. Their pages receive
  // the event first, so that they don't subscribe to the room again when they reconnect.
  await published()
  await closeSocketsOf(userId)
}

/** Prolongs attendances whose stream is still open. A person who has left meanwhile does not rejoin. */
export const keepAttending = (attendances: Attendance[]) =>
  setPresentUntil(attendances, sql`greatest(present_until, now() + ${attendanceLifetime})`)

/** Records open tabs, which count until `stopAttending`. A person who has left meanwhile does not rejoin. */
export const startAttending = (attendances: Attendance[]) => setPresentUntil(attendances, forever)

/**
 * Records that the last tab of these closed. The people have not left if they open another within the grace time, or
 * have one on another node of Soketi.
 */
export const stopAttending = (attendances: Attendance[]) =>
  setPresentUntil(attendances, sql`least(present_until, now() + ${closedLifetime})`)

async function setPresentUntil(attendances: Attendance[], until: SQL) {
  if (!attendances.length) return
  await database().execute(sql`
    update memberships set present_until = ${until}
    where (conversation_id, user_id) in (
      select conversation_id, user_id from memberships
      join jsonb_to_recordset(${JSON.stringify(attendances)}::jsonb) as seen ("conversationId" uuid, "userId" uuid)
        on conversation_id = "conversationId" and user_id = "userId"
      where present_until is not null and present_until <> ${until}
      -- In one order, so that several processes cannot deadlock.
      order by conversation_id, user_id for update of memberships
    )`)
}

/**
 * Expires those whose open tab Soketi does not list, so that `removeAbsent` checks them.
 * @param closedAt when their tabs count as closed
 */
export async function correctAttending(attendances: Attendance[], closedAt: SQL) {
  await database().execute(sql`
    update memberships set present_until = ${closedAt} + ${grace}
    where (conversation_id, user_id) in (
      select conversation_id, user_id from memberships
      where present_until = 'infinity' and (conversation_id, user_id) not in (
        select "conversationId", "userId"
        from jsonb_to_recordset(${JSON.stringify(attendances)}::jsonb) as seen ("conversationId" uuid, "userId" uuid)
      )
      order by conversation_id, user_id for update
    )`)
}

/**
 * Removes people whose attendance has expired. Asks Soketi first whether a tab is still open, because a report may be
 * lost, or be about one of several nodes.
 */
export async function removeAbsent() {
  const { conversationId, userId, presentUntil } = memberships
  const expired = await database()
    .select({ conversationId, userId, now: sql<string>`now()::text` })
    .from(memberships)
    .where(lt(presentUntil, sql`now()`))
  const [first] = expired
  if (!first) return
  const channelOf = (one: Attendance) => attendanceChannel(one.conversationId, one.userId)
  const occupied = await findOccupied(expired.map(channelOf))
  await startAttending(expired.filter((one) => occupied.has(channelOf(one))))
  const left = await deleteWhere(database(), lt(presentUntil, sql`${first.now}::timestamptz`))
  await announceLeft(left, { byChoice: false })
}

/** Takes a person out of one room, or out of all, in a transaction. Call `announceLeft` after the commit. */
export const removeFromRooms = (tx: Pick<Transaction, 'delete'>, userId: string, conversationId?: string) =>
  deleteWhere(
    tx,
    and(
      eq(memberships.userId, userId),
      conversationId ? eq(memberships.conversationId, conversationId) : undefined,
    ),
  )

const deleteWhere = (db: Pick<Transaction, 'delete'>, where: SQL | undefined): Promise<Attendance[]> =>
  db
    .delete(memberships)
    // In one order, so that several processes cannot deadlock.
    .where(
      sql`(conversation_id, user_id) in (select conversation_id, user_id from memberships
        where ${where} and present_until is not null order by conversation_id, user_id for update)`,
    )
    .returning({ conversationId: memberships.conversationId, userId: memberships.userId })

/** Tells the rooms that people have left, and ends these people's streams and pages there if it was by choice. */
export async function announceLeft(left: Attendance[], { byChoice }: { byChoice: boolean }) {
  if (!left.length) return
  const rooms = [...new Set(left.map(({ conversationId }) => conversationId))]
  const small = await listSmallRooms(rooms)
  // A person who leaves by choice is always announced, because their own streams and tabs have to end.
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
}

/** The rooms among these that announce joins and leaves. */
async function listSmallRooms(ids: string[]) {
  const counts = await Promise.all(
    ids.map((id) => database().$count(memberships, eq(memberships.conversationId, id))),
  )
  return new Set(ids.filter((_id, index) => (counts[index] ?? 0) < maxAnnounced))
}

async function findPeople(ids: string[]) {
  if (!ids.length) return new Map<string, Person>()
  const rows = await database().select(personColumns(users)).from(users).where(isAmong(users.id, ids))
  return new Map(rows.map((row) => [row.id, toPerson(row)]))
}
