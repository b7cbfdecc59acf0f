import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { migrateDatabase } from '@/db/migrate'
import { newDatabase } from '@/testing/databases'
import { onlinePerson, people, person } from '@/testing/people'
import { blockPerson } from './blocking'
import { listBusyRooms, listOnline } from './home'
import { goOffline } from './presence'
import { joinRoom } from './rooms'
import type { User } from './views'

// In a database of its own, because both lists depend on everyone in it.
before(async () => {
  const url = await newDatabase()
  await migrateDatabase(url)
  process.env.DATABASE_URL = url
})

const usernames = (users: User[]) => users.map(({ username }) => username).sort()

test('lists the accounts that are online, but not oneself, guests and people one has blocked', async () => {
  const [ada, bob, blocked] = await Promise.all(['ada', 'bob', 'blocked'].map((name) => onlinePerson(name)))
  assert.ok(ada && bob && blocked)
  await person('offline')
  await onlinePerson('guest', { isGuest: true })
  const left = await onlinePerson('left')
  await goOffline(left.id)
  await blockPerson(ada, blocked.id)
  const found = await listOnline(ada)
  assert.deepEqual(usernames(found), [bob.username])
  assert.equal(found[0]?.status, 'online')
  assert.deepEqual(usernames(await listOnline(blocked)), [ada.username, bob.username].sort())
})

test('lists a few of many, and not the same for everyone', async () => {
  const crowd = await Promise.all(Array.from({ length: 30 }, () => onlinePerson()))
  const lists = await Promise.all(crowd.map((one) => listOnline(one)))
  for (const [index, list] of lists.entries()) {
    assert.equal(new Set(list.map(({ id }) => id)).size, 12)
    assert.ok(list.every(({ id }) => id !== crowd[index]?.id))
  }
  assert.ok(new Set(lists.flat().map(({ id }) => id)).size > 24)
})

test('lists the rooms with people in them, the fullest first', async () => {
  const [ada, bob] = await people('ada', 'bob')
  assert.ok(ada && bob)
  for (const name of ['tea', 'garden']) await joinRoom(ada, { name })
  await joinRoom(bob, { name: 'tea' })
  for (const one of [ada, bob]) {
    const rooms = await listBusyRooms(one)
    assert.deepEqual(
      rooms.map(({ name, count }) => [name, count]),
      [
        ['tea', 2],
        ['garden', 1],
      ],
    )
  }
})

test('of a hundred rooms the fullest are listed, and people are counted up to 100', async () => {
  const ada = await person('ada')
  await database().execute(sql`
    with rooms as (
      insert into conversations (kind, name) select 'room', 'r-' || number from generate_series(1, 97) as number returning id, name
    ),
    crowd as (
      insert into users (username) select 'crowd-' || number from generate_series(1, 120) as number returning id, username
    )
    insert into memberships (conversation_id, user_id, present_until)
    select rooms.id, crowd.id, now() + interval '1 hour' from rooms, crowd
    where name in ('r-7', 'r-60') or username = 'crowd-1'`)
  const rooms = await listBusyRooms(ada)
  assert.deepEqual(
    rooms.slice(0, 3).map(({ name, count }) => [name, count]),
    [
      ['r-60', 100],
      ['r-7', 100],
      ['tea', 2],
    ],
  )
})
