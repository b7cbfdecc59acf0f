import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { eventually } from '@/testing/eventually'
import { makeGroup, people, person, say, sayInRoom, type TestPerson, unique } from '@/testing/people'
import { connect } from '@/testing/sockets'
import { TestStream } from '@/testing/streams'
import { enterRoom } from './attendance'
import { getConversation } from './conversations'
import type { Refusal } from './errors'
import { listMessages } from './history'
import { isMember } from './memberships'
import { deleteMessage, editMessage } from './message-changes'
import { setReaction } from './reactions'
import { attendanceChannel, conversationChannel } from './realtime/channels'
import { closeRoom, findModeratedRoom, putOut, removeOldBans } from './room-moderation'
import { joinRoom } from './rooms'

const moderator = () => person('mod', { siteRole: 'moderator' })
const withStatus = (status: number) => (error: Refusal) => error.status === status
const newRoom = (user: TestPerson) => joinRoom(user, { name: `room-${unique()}` })
const entriesOf = (roomId: string) =>
  database().execute<{ action: string; target: string | null; details: object }>(sql`
    select action, target_id as target, details from audit_log
    where details ->> 'conversationId' = ${roomId} order by at`)

describe('a closed room', () => {
  test('takes no messages, edits and reactions, and can be read, joined and opened again', async () => {
    const [mod, ada, bob] = await Promise.all([moderator(), person(), person('bob')])
    const room = await newRoom(ada)
    await say(ada, room.id)
    const socket = await connect(ada)
    await socket.subscribe(conversationChannel(room.id))
    await closeRoom(mod, room.id, true)
    await closeRoom(mod, room.id, true)
    await enterRoom(ada, room.id)
    for (const act of [
      () => say(ada, room.id),
      () => editMessage(ada, room.id, 1, { body: 'changed' }),
      () => setReaction(ada, room.id, 1, '👍', true),
    ])
      await assert.rejects(act, /^Refusal: This room is closed to new messages\.$/)
    assert.ok((await getConversation(ada, room.id)).isClosed)
    await joinRoom(bob, room)
    assert.equal((await listMessages(bob, room.id)).messages.length, 1)
    await deleteMessage(ada, room.id, 1)
    await closeRoom(mod, room.id, false)
    await sayInRoom(ada, room.id, 'open again')
    const touched = () => socket.received.filter(({ event }) => event === 'conversation.touched')
    await eventually(() => touched().length === 2)
    assert.deepEqual(
      touched().map(({ data }) => data),
      [true, false].map((isClosed) => ({ conversationId: room.id, isClosed })),
    )
    assert.deepEqual(
      (await entriesOf(room.id)).map(({ action }) => action),
      ['room-closed', 'room-opened'],
    )
  })

  test('is closed and opened only by moderators, and is a room', async () => {
    const [mod, ada] = await Promise.all([moderator(), person()])
    const room = await newRoom(ada)
    await assert.rejects(closeRoom(ada, room.id, true), withStatus(404))
    for (const id of ['x', mod.id]) await assert.rejects(closeRoom(mod, id, true), withStatus(404))
  })

  test('stores no message that was sent while it was being closed', async () => {
    const [mod, ada] = await Promise.all([moderator(), person()])
    for (let round = 0; round < 5; round++) {
      const room = await newRoom(ada)
      await Promise.allSettled([
        ...Array.from({ length: 5 }, () => say(ada, room.id)),
        closeRoom(mod, room.id, true).then(async () => {
          const { lastSeq } = await getConversation(ada, room.id)
          await Promise.allSettled(Array.from({ length: 5 }, () => say(ada, room.id)))
          assert.equal((await getConversation(ada, room.id)).lastSeq, lastSeq)
        }),
      ]).then((results) => {
        const last = results.at(-1)
        if (last?.status === 'rejected') throw last.reason
      })
    }
  })
})

describe('a person who was put out of a room', () => {
  test('leaves it at once, and can join it only after the time', async () => {
    const [mod, ada, bob] = await Promise.all([moderator(), person(), person('bob')])
    const room = await newRoom(ada)
    await joinRoom(bob, room)
    const stream = await TestStream.open(`/api/room/${room.name}`, { token: ada.token })
    const socket = await connect(ada)
    await socket.subscribe(conversationChannel(room.id))
    await putOut(mod, room.id, ada.id, { minutes: '10' })
    assert.equal(await isMember(ada.id, room.id), false)
    await Promise.all([socket.closes(), eventually(() => stream.hasEnded)])
    const refused = await ada.request(`/api/room/${room.name}`, { body: { body: 'hello' } })
    assert.equal(refused.status, 403)
    assert.match(refused.body.detail, /^A moderator put you out of this room until \d{4}-.+ UTC\.$/)
    assert.equal((await ada.request(`/api/room/${room.name}`)).status, 403)
    const again = await connect(ada)
    await assert.rejects(again.subscribe(attendanceChannel(room.id, ada.id)))
    await assert.rejects(enterRoom(ada, room.id), withStatus(403))
    await sayInRoom(bob, room.id)
    const other = await newRoom(ada)
    await say(ada, other.id)
    await database().execute(
      sql`update room_bans set until = now() - interval '1 second' where user_id = ${ada.id}`,
    )
    await enterRoom(ada, room.id)
    await removeOldBans()
    const [left] = await database().execute(sql`select from room_bans where user_id = ${ada.id}`)
    assert.equal(left, undefined)
    assert.deepEqual(
      [...(await entriesOf(room.id))],
      [
        {
          action: 'put-out',
          target: ada.id,
          details: { conversationId: room.id, room: room.name, minutes: 10 },
        },
      ],
    )
  })

  test('is put out by moderators only, who cannot do that to operators or each other', async () => {
    const [mod, other, op, ada] = await Promise.all([
      moderator(),
      moderator(),
      person('op', { siteRole: 'operator' }),
      person(),
    ])
    const room = await newRoom(ada)
    for (const [by, whom, status] of [
      [ada, mod, 404],
      [mod, mod, 403],
      [mod, other, 403],
      [mod, op, 403],
    ] as const)
      await assert.rejects(putOut(by, room.id, whom.id, { minutes: 1 }), withStatus(status))
    await putOut(op, room.id, mod.id, { minutes: 1 })
    for (const minutes of ['', 0, 10_081, 1.5, 'x'])
      await assert.rejects(putOut(mod, room.id, ada.id, { minutes }), withStatus(422))
    await assert.rejects(putOut(mod, mod.id, ada.id, { minutes: 1 }), withStatus(404))
    assert.ok(await isMember(ada.id, room.id))
  })

  test('is not in it afterwards, even if they join at the same moment', async () => {
    const mod = await moderator()
    for (let round = 0; round < 10; round++) {
      const [ada, bob] = await people('ada', 'bob')
      const room = await newRoom(bob)
      await Promise.allSettled([
        enterRoom(ada, room.id),
        putOut(mod, room.id, ada.id, { minutes: 1 }),
        enterRoom(ada, room.id),
        say(bob, room.id),
      ])
      assert.equal(await isMember(ada.id, room.id), false)
    }
  })

  test('can be put out while they are sending', async () => {
    const [mod, ada] = await Promise.all([moderator(), person()])
    const room = await newRoom(ada)
    const sends = Array.from({ length: 20 }, () => say(ada, room.id).catch((error) => error))
    await putOut(mod, room.id, ada.id, { minutes: 1 })
    for (const result of await Promise.all(sends)) assert.ok(!('status' in result) || result.status === 404)
  })
})

test('a moderator deletes messages of others in rooms, which is logged, but not in groups', async () => {
  const [mod, ada] = await Promise.all([moderator(), person()])
  const room = await newRoom(ada)
  await say(ada, room.id)
  await assert.rejects(deleteMessage(mod, room.id, 1), withStatus(404))
  await joinRoom(mod, room)
  await say(mod, room.id)
  await deleteMessage(mod, room.id, 2)
  await deleteMessage(mod, room.id, 1)
  await deleteMessage(mod, room.id, 1)
  assert.ok((await listMessages(mod, room.id)).messages.every(({ deletedAt }) => deletedAt))
  assert.deepEqual(
    [...(await entriesOf(room.id))],
    [{ action: 'message-deleted', target: ada.id, details: { conversationId: room.id, seq: 1 } }],
  )
  const group = await makeGroup(ada, mod)
  await say(ada, group)
  await assert.rejects(deleteMessage(mod, group, 1), withStatus(403))
})

test('moderators see the people of a room in pages of 50', async () => {
  const [mod, ada] = await Promise.all([moderator(), person()])
  const room = await newRoom(ada)
  await database().execute(sql`
    with made as (insert into users (username, password_hash)
      select ${`many-${unique()}-`} || number, 'none' from generate_series(1, 60) as number returning id)
    insert into memberships (conversation_id, user_id, present_until)
    select ${room.id}, id, now() + interval '1 minute' from made`)
  const first = await findModeratedRoom(mod, room.name.toUpperCase())
  assert.equal(first.people.length, 50)
  assert.equal(first.isClosed, false)
  const second = await findModeratedRoom(mod, room.name, first.next)
  assert.equal(second.people.length, 11)
  assert.equal(second.next, undefined)
  await assert.rejects(findModeratedRoom(ada, room.name), withStatus(404))
  await assert.rejects(findModeratedRoom(mod, `no-${unique()}`), withStatus(404))
})
