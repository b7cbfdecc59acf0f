import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { migrateDatabase } from '@/db/migrate'
import { conversations, memberships } from '@/db/schema'
import { newDatabase } from '@/testing/databases'
import { person, say, unique } from '@/testing/people'
import { enterRoom, leaveRoom } from './attendance'
import { isMember } from './memberships'
import { findRoom, joinRoom, removeEmptyRooms } from './rooms'

// These tests have their own database, in which the lobby is empty too.
before(async () => {
  const url = await newDatabase()
  await migrateDatabase(url)
  process.env.DATABASE_URL = url
})

/** Creates an empty room of that age. */
async function emptyRoom(age = '25 hours', name = `room-${unique()}`) {
  const room = await joinRoom(await person(), { name })
  await database().delete(memberships).where(eq(memberships.conversationId, room.id))
  await database()
    .update(conversations)
    .set({ createdAt: sql`now() - ${age}::interval` })
    .where(eq(conversations.id, room.id))
  return room
}

test('an empty room without messages is removed after a day, and no other room', async () => {
  const [old, young, used, saidIn] = await Promise.all([
    emptyRoom(),
    emptyRoom('23 hours'),
    emptyRoom(),
    emptyRoom(),
  ])
  const ada = await person()
  await enterRoom(ada, used.id)
  await enterRoom(ada, saidIn.id)
  await say(ada, saidIn.id)
  await leaveRoom(ada, saidIn.id)
  const lobby = await findRoom('lobby')
  await database().execute(
    sql`update conversations set created_at = now() - interval '1 year' where name = 'lobby'`,
  )
  await removeEmptyRooms()
  assert.equal(await findRoom(old.name), undefined)
  for (const room of [young, used, saidIn]) assert.deepEqual(await findRoom(room.name), room)
  assert.deepEqual(await findRoom('lobby'), lobby)
})

test('joining a room while it is removed creates it again', async () => {
  const [ada, room] = await Promise.all([person(), emptyRoom()])
  const joining = await database().transaction(async (tx) => {
    await tx.delete(conversations).where(eq(conversations.id, room.id))
    const joining = joinRoom(ada, room)
    await sleep(200)
    // Not awaited here, because it waits for this transaction.
    return { joined: joining }
  })
  const joined = await joining.joined
  assert.notEqual(joined.id, room.id)
  assert.ok(await isMember(ada.id, joined.id))
})

test('a room that someone is joining is not removed', async () => {
  const [ada, room] = await Promise.all([person(), emptyRoom()])
  await database().transaction(async (tx) => {
    await tx
      .insert(memberships)
      .values({ conversationId: room.id, userId: ada.id, presentUntil: new Date(Date.now() + 60_000) })
    await removeEmptyRooms()
  })
  assert.ok(await isMember(ada.id, room.id))
})
