import 'server-only'
import { and, eq, gte, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { conversations, memberships, roomBans, users } from '@/db/schema'
import { endAttendance, removeFromRooms } from './attendance'
import { recordAction } from './audit-log'
import type { CurrentUser } from './current-user'
import { missing } from './errors'
import { check, duration, isId, username } from './fields'
import { spend } from './limits'
import { lockModerated } from './moderated-person'
import { conversationChannel } from './realtime/channels'
import { event, publish } from './realtime/publish'
import { requireModerator } from './roles'
import { findRoom } from './rooms'
import { personColumns, toPerson } from './users'

/**
 * Closes a room to new messages, or opens it again. Everyone who has it open sees that at once.
 * @throws {Refusal} 404 for other people than moderators and for anything but a room, 429
 */
export async function closeRoom(user: CurrentUser, roomId: string, isClosed: boolean) {
  requireModerator(user)
  await requireRoom(roomId)
  await spend('moderate', user)
  const isChanged = await database().transaction(async (tx) => {
    const { closedAt } = conversations
    const changed = await tx
      .update(conversations)
      .set({ closedAt: isClosed ? sql`now()` : null })
      .where(and(eq(conversations.id, roomId), isClosed ? isNull(closedAt) : isNotNull(closedAt)))
      .returning({ name: conversations.name })
    const [room] = changed
    if (room) {
      const details = { conversationId: roomId, room: room.name }
      await recordAction(tx, user, isClosed ? 'room-closed' : 'room-opened', { details })
    }
    return changed.length > 0
  })
  // One event for everyone in the room, however many they are.
  if (isChanged)
    publish(event(conversationChannel(roomId), 'conversation.touched', { conversationId: roomId, isClosed }))
}

const ban = z.object({ minutes: duration(10_080, 'minutes') })

/**
 * Puts a person out of a room: they leave it at once, and cannot join it until the time is over.
 * @throws {Refusal} 404 for other people than moderators, for an unknown person and for anything but a room, 422, 403
 * for oneself and for a moderator who acts on an operator or on another moderator, 429
 */
export async function putOut(user: CurrentUser, roomId: string, personId: string, input: unknown) {
  requireModerator(user)
  const { minutes } = check(ban, input)
  const room = await requireRoom(roomId)
  await spend('moderate', user)
  const left = await database().transaction(async (tx) => {
    await lockModerated(tx, user, personId)
    const until = sql`now() + ${minutes} * interval '1 minute'`
    await tx
      .insert(roomBans)
      .values({ conversationId: roomId, userId: personId, until })
      .onConflictDoUpdate({ target: [roomBans.conversationId, roomBans.userId], set: { until } })
    const details = { conversationId: roomId, room, minutes }
    await recordAction(tx, user, 'put-out', { targetId: personId, details })
    return removeFromRooms(tx, personId, roomId)
  })
  await endAttendance(personId, left)
}

/** @returns the room's name. @throws {Refusal} 404 */
async function requireRoom(id: string) {
  const [room] = isId(id)
    ? await database()
        .select({ name: conversations.name })
        .from(conversations)
        .where(and(eq(conversations.id, id), eq(conversations.kind, 'room')))
    : []
  if (!room) throw missing('room')
  return room.name
}

const pageLength = 50
const isName = (text: string) => username.safeParse(text).success

/**
 * A room for its moderators: whether it is closed, and its people in the order of their names, 50 at a time. `from` is
 * the name that the page begins with, and `next` that of the page after it.
 * @throws {Refusal} 404 for other people than moderators, and for an unknown room
 */
export async function findModeratedRoom(user: CurrentUser, name: string, from = '') {
  requireModerator(user)
  const room = await findRoom(name)
  if (!room) throw missing('room')
  const [[state], rows] = await Promise.all([
    database()
      .select({ closedAt: conversations.closedAt })
      .from(conversations)
      .where(eq(conversations.id, room.id)),
    database()
      .select({ ...personColumns(users), siteRole: users.role, usernameKey: users.usernameKey })
      .from(memberships)
      .innerJoin(users, eq(users.id, memberships.userId))
      .where(
        and(
          eq(memberships.conversationId, room.id),
          gte(users.usernameKey, isName(from) ? from.toLowerCase() : ''),
        ),
      )
      .orderBy(users.usernameKey)
      .limit(pageLength + 1),
  ])
  const people = rows.map((row) => ({ ...toPerson(row), siteRole: row.siteRole }))
  return {
    ...room,
    isClosed: state?.closedAt instanceof Date,
    people: people.slice(0, pageLength),
    next: rows[pageLength]?.usernameKey,
  }
}

/** Deletes the bans whose time is over. */
export const removeOldBans = () => database().delete(roomBans).where(lt(roomBans.until, sql`now()`))
