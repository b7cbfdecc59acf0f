import 'server-only'
import { and, desc, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { conversations, memberships } from '@/db/schema'
import { enterRoom } from './attendance'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { check, isId, isRoomName, roomName } from './fields'
import { spend } from './limits'
import type { Room } from './views'

const named = z.object({ name: roomName })
const ofRooms = eq(conversations.kind, 'room')

/**
 * The rooms, each with the number of people in it: the lobby first, then by that number.
 * @throws {Refusal} 429
 */
export async function listRooms(user: CurrentUser): Promise<(Room & { count: number })[]> {
  await spend('listRooms', user)
  const count = sql<number>`count(${memberships.userId})::int`
  const rows = await database()
    .select({ id: conversations.id, name: conversations.name, count })
    .from(conversations)
    .leftJoin(memberships, eq(memberships.conversationId, conversations.id))
    .where(ofRooms)
    .groupBy(conversations.id)
    .orderBy(desc(sql`${conversations.name} = 'lobby'`), desc(count), desc(conversations.lastActivityAt))
    .limit(100)
  return rows.map(({ name, ...room }) => ({ ...room, name: name ?? '' }))
}

/** The room of that name, if it exists. @throws {Refusal} 404 for an invalid name */
export async function findRoom(name: string): Promise<Room | undefined> {
  if (!isRoomName(name)) throw missing('room')
  const [room] = await database()
    .select({ id: conversations.id, name: conversations.name })
    .from(conversations)
    .where(and(ofRooms, eq(sql`lower(${conversations.name})`, name.toLowerCase())))
  return room && { id: room.id, name: room.name ?? name }
}

/**
 * Joins the room of that name, and creates it if the name is free.
 * @throws {Refusal} 422 for an invalid name, 403 for a free name if the person may not create rooms, 429
 */
export async function joinRoom(user: CurrentUser, input: unknown): Promise<Room> {
  const { name } = check(named, input)
  // Housekeeping may remove the room between the two steps.
  return retryIfMissing(async () => {
    const room = (await findRoom(name)) ?? (await createRoom(user, name))
    await enterRoom(user, room.id)
    return room
  })
}

/**
 * Joins, then runs `act`; retries once if the attendance expired meanwhile, for example because the database was
 * slow.
 */
export async function inRoom<Result>(user: CurrentUser, name: string, act: (room: Room) => Promise<Result>) {
  return retryIfMissing(async () => act(await joinRoom(user, { name })))
}

const retryIfMissing = <Result>(attempt: () => Promise<Result>) =>
  attempt().catch((error) => {
    if (error instanceof Refusal && error.status === 404) return attempt()
    throw error
  })

/** Finds or creates the room; safe under concurrency. */
async function createRoom(user: CurrentUser, name: string): Promise<Room> {
  if (!user.mayMakeRooms)
    throw new Refusal(403, `There is no room “${name}”, and you cannot create rooms on this site.`)
  await spend('createRoom', user)
  await database().insert(conversations).values({ kind: 'room', name }).onConflictDoNothing()
  const room = await findRoom(name)
  if (!room) throw missing('room')
  return room
}

/** Whether the conversation is a room, which everyone signed in may join. */
export async function isRoom(conversationId: string) {
  return (
    isId(conversationId) &&
    (await database().$count(conversations, and(ofRooms, eq(conversations.id, conversationId)))) > 0
  )
}

/** Removes rooms older than a day that have no people and no messages. */
export const removeEmptyRooms = () =>
  database().transaction(async (tx) => {
    const old = sql`kind = 'room' and last_seq = 0 and name <> 'lobby' and created_at < now() - interval '1 day'`
    const isEmpty = sql`not exists (select from memberships where conversation_id = conversations.id)`
    // Nobody can join a locked room, and the second statement sees joins from just before the lock.
    const rooms = await tx.execute<{ id: string }>(
      sql`select id from conversations where ${old} and ${isEmpty} for update skip locked`,
    )
    const ids = sql.param(rooms.map(({ id }) => id))
    await tx.execute(
      sql`delete from conversations where id = any(${ids}::uuid[]) and last_seq = 0 and ${isEmpty}`,
    )
  })
