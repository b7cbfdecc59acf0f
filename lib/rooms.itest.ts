import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { and, eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { memberships } from '@/db/schema'
import { eventually } from '@/testing/eventually'
import { friends, people, person, say, type TestPerson, unique, withSession } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { connect } from '@/testing/sockets'
import { enterRoom, keepAttending, leaveRoom, removeAbsent, stopAttending } from './attendance'
import { isMember } from './memberships'
import { attendanceChannel, conversationChannel, presenceChannel, userChannel } from './realtime/channels'
import { findRoom, joinRoom, listRooms } from './rooms'

const roomName = () => `Room_${unique()}`
const isIn = ({ id }: TestPerson, room: { id: string }) => isMember(id, room.id)

/** Lets the person's membership of the room expire. */
const forget = (who: TestPerson, room: { id: string }) =>
  database()
    .update(memberships)
    .set({ presentUntil: sql`now() - interval '10 seconds'` })
    .where(and(eq(memberships.conversationId, room.id), eq(memberships.userId, who.id)))

/** As if a tab of each were open there for the next hour. */
const keepAll = (room: { id: string }) =>
  database()
    .update(memberships)
    .set({ presentUntil: sql`now() + interval '1 hour'` })
    .where(eq(memberships.conversationId, room.id))

/** So many more people, who stay. */
async function fill(room: { id: string }, count: number) {
  await database().execute(sql`
    with made as (
      insert into users (username) select ${unique()} || '-' || n from generate_series(1, ${count}::int) as n
      returning id
    )
    insert into memberships (conversation_id, user_id, present_until) select ${room.id}, id, now() from made`)
  await keepAll(room)
}

describe('rooms', { concurrency: 6 }, () => {
  test('the lobby always exists, regardless of case', async () => {
    const lobby = await findRoom('lobby')
    assert.ok(lobby)
    assert.deepEqual(await findRoom('LOBBY'), lobby)
    assert.ok((await listRooms(await person())).some(({ id }) => id === lobby.id))
  })

  test('joining a free name creates the room once, regardless of case', async () => {
    const [ada, bob] = await people('ada', 'bob')
    assert.ok(ada && bob)
    const name = roomName()
    assert.equal(await findRoom(name), undefined)
    const room = await joinRoom(ada, { name })
    assert.equal(room.name, name)
    assert.deepEqual(await joinRoom(bob, { name: name.toUpperCase() }), room, 'it keeps its first name')
    assert.deepEqual(await joinRoom(ada, { name: name.toLowerCase() }), room, 'and again')
    assert.ok((await isIn(ada, room)) && (await isIn(bob, room)))
  })

  test('many people who create a room at the same time, in any case, are in the same room', async () => {
    const all = await people(...Array.from({ length: 8 }, () => 'ada'))
    const name = roomName()
    const rooms = await Promise.all(
      all.map((who, index) => joinRoom(who, { name: index % 2 ? name : name.toUpperCase() })),
    )
    assert.equal(new Set(rooms.map(({ id }) => id)).size, 1)
    assert.equal((await listRooms(await person())).find(({ id }) => id === rooms[0]?.id)?.count, 8)
  })

  test('somebody who may not create rooms joins those that exist', async () => {
    const [ada, name] = [await person(), roomName()]
    const gus = { ...(await person('gus')), mayMakeRooms: false }
    await assert.rejects(joinRoom(gus, { name }), refusedWith(403))
    assert.equal(await findRoom(name), undefined)
    const room = await joinRoom(ada, { name })
    assert.deepEqual(await joinRoom(gus, { name }), room)
  })

  test('a room name has 1 to 32 letters, digits, - and _', async () => {
    const ada = await person()
    const long = `${unique()}${'x'.repeat(22)}`
    assert.equal((await joinRoom(ada, { name: long })).name, long)
    const faulty = ['', 'a b', 'a.b', 'é', 'a/b', '../x', 'x'.repeat(33), 'a\n', 'a\0', '\u212a', 7, null, {}]
    for (const name of [...faulty, undefined])
      await assert.rejects(joinRoom(ada, { name }), refusedWith(422), JSON.stringify(name))
    for (const name of faulty)
      await assert.rejects(findRoom(String(name ?? '')), refusedWith(404)).catch((error) => {
        // A value that is a valid name after conversion to text.
        if (name !== 7 && name !== null) throw error
      })
  })

  test('the list has the number of people, with the lobby first and then the fullest rooms', async () => {
    const [ada, bob, cyd] = await people('ada', 'bob', 'cyd')
    assert.ok(ada && bob && cyd)
    const [two, one] = [await joinRoom(ada, { name: roomName() }), await joinRoom(cyd, { name: roomName() })]
    await joinRoom(bob, two)
    const counts = async () => {
      const listed = await listRooms(ada)
      assert.equal(listed[0]?.name, 'lobby')
      const all = listed.slice(1).map(({ count }) => count)
      assert.deepEqual(
        all,
        [...all].sort((a, b) => b - a),
      )
      return [two, one].map((room) => listed.find(({ id }) => id === room.id)?.count)
    }
    assert.deepEqual(await counts(), [2, 1])
    await leaveRoom(bob, two.id)
    await leaveRoom(cyd, one.id)
    assert.deepEqual(await counts(), [1, 0])
  })

  test('of rooms with equally many people the one with the latest message is listed first', async () => {
    const ada = await person()
    const [one, other] = [
      await joinRoom(ada, { name: roomName() }),
      await joinRoom(ada, { name: roomName() }),
    ]
    for (const room of [one, other]) await fill(room, 3)
    for (const latest of [one, other]) {
      await say(ada, latest.id)
      const ids = (await listRooms(ada)).map(({ id }) => id).filter((id) => id === one.id || id === other.id)
      assert.deepEqual(ids, latest === one ? [one.id, other.id] : [other.id, one.id])
    }
  })

  test('joins and departures are announced in rooms of up to 50 people, and in no larger ones', async () => {
    const [ada, bob, cyd] = (await people('ada', 'bob', 'cyd')) as [TestPerson, TestPerson, TestPerson]
    const room = await joinRoom(ada, { name: roomName() })
    await fill(room, 48)
    const socket = await connect(ada)
    await socket.subscribe(conversationChannel(room.id))
    for (const one of [bob, cyd]) {
      await joinRoom(one, room)
      await keepAll(room)
    }
    for (const one of [cyd, bob]) {
      await forget(one, room)
      await removeAbsent()
      await eventually(async () => !(await isIn(one, room)))
    }
    await socket.receives('member.left', ({ data }) => data.id === bob.id)
    const announced = (event: string) =>
      socket.received.filter((one) => one.event === event).map(({ data }) => data.id)
    assert.deepEqual([announced('member.joined'), announced('member.left')], [[bob.id], [bob.id]])
    socket.disconnect()
  })

  test('the others are notified once of a join and of a leave', async () => {
    const [ada, bob] = await people('ada', 'bob')
    assert.ok(ada && bob)
    const room = await joinRoom(ada, { name: roomName() })
    const socket = await connect(ada)
    await socket.subscribe(conversationChannel(room.id))
    await joinRoom(bob, room)
    await joinRoom(bob, room)
    const { id, username, name } = bob
    const { data: joined } = await socket.receives('member.joined')
    assert.deepEqual(joined, { conversationId: room.id, id, username, name })
    await leaveRoom(bob, room.id)
    await leaveRoom(bob, room.id)
    const { data: left } = await socket.receives('member.left')
    assert.deepEqual(left, { conversationId: room.id, byChoice: true, id, username, name })
    await say(ada, room.id)
    await socket.receives('message.created')
    assert.deepEqual([socket.count('member.joined'), socket.count('member.left')], [1, 1])
  })

  test('a person’s other pages add a joined room to their list, and remove a left one', async () => {
    const [ada, bob] = await people('ada', 'bob')
    assert.ok(ada && bob)
    const room = await joinRoom(ada, { name: roomName() })
    const newest = await say(ada, room.id)
    const socket = await connect(bob)
    await socket.subscribe(userChannel(bob.id))
    await joinRoom(bob, room)
    await joinRoom(bob, room)
    const { data: created } = await socket.receives('conversation.created')
    const { id, name } = room
    // The list omits the people, because a room may have many.
    const conversation = {
      id,
      kind: 'room',
      name,
      people: [],
      newest,
      unread: 0,
      mentions: 0,
      lastReadSeq: 1,
      version: 0,
      firstSeq: 1,
    }
    assert.deepEqual(created, { conversationId: id, conversation })
    await forget(bob, room)
    await removeAbsent()
    const { data: touched } = await socket.receives('conversation.touched', ({ data }) => 'hasLeft' in data)
    assert.deepEqual(touched, { conversationId: id, hasLeft: true })
    assert.equal(socket.count('conversation.created'), 1)
  })

  test('an expired membership ends and the others are notified, and a renewed one stays', async () => {
    const [ada, bob] = await people('ada', 'bob')
    assert.ok(ada && bob)
    const room = await joinRoom(ada, { name: roomName() })
    await joinRoom(bob, room)
    // The socket's attendance channel keeps ada in the room.
    const socket = await connect(ada)
    await socket.subscribe(attendanceChannel(room.id, ada.id))
    await socket.subscribe(conversationChannel(room.id))
    await forget(bob, room)
    await removeAbsent()
    const { data } = await socket.receives('member.left', ({ data }) => data.id === bob.id)
    assert.equal(data.byChoice, false)
    assert.equal(await isIn(bob, room), false)
    assert.equal(await isIn(ada, room), true)
  })

  test('only members may subscribe to a room’s channels, after the attendance channel', async () => {
    const [ada, eve] = await people('ada', 'eve')
    assert.ok(ada && eve)
    const room = await joinRoom(ada, { name: roomName() })
    const socket = await connect(eve)
    for (const channel of [conversationChannel(room.id), presenceChannel(room.id)])
      await assert.rejects(socket.subscribe(channel), channel)
    await assert.rejects(socket.subscribe(attendanceChannel(room.id, ada.id)))
    await socket.subscribe(attendanceChannel(room.id, eve.id))
    for (const channel of [conversationChannel(room.id), presenceChannel(room.id)]) {
      socket.pusher.unsubscribe(channel)
      await socket.subscribe(channel)
    }
    await say(ada, room.id)
    await socket.receives('message.created')
  })

  test('leaving closes the sockets of all the person’s login sessions after the event, and no others', async () => {
    const [ada, bob] = await people('ada', 'bob')
    assert.ok(ada && bob)
    const room = await joinRoom(ada, { name: roomName() })
    await joinRoom(bob, room)
    const other = await withSession(bob)
    const [hers, his, another] = await Promise.all([connect(ada), connect(bob), connect(other)])
    for (const socket of [hers, his, another]) await socket.subscribe(conversationChannel(room.id))
    await leaveRoom(bob, room.id)
    await Promise.all([his.closes(), another.closes()])
    for (const socket of [hers, his, another]) await socket.receives('member.left')
    await say(ada, room.id)
    await hers.receives('message.created')
    assert.deepEqual([his.count('message.created'), another.count('message.created')], [0, 0])
    await assert.rejects((await connect(bob)).subscribe(conversationChannel(room.id)))
    // Leaving a room without being a member does nothing.
    const back = await connect(bob)
    await leaveRoom(bob, room.id)
    await back.subscribe(userChannel(bob.id))
  })

  test('a tab that is still open does not bring back a person who has left', async () => {
    const ada = await person()
    const room = await joinRoom(ada, { name: roomName() })
    await leaveRoom(ada, room.id)
    await keepAttending([{ conversationId: room.id, userId: ada.id }])
    await stopAttending([{ conversationId: room.id, userId: ada.id }])
    assert.equal(await isIn(ada, room), false)
  })

  test('a person who returns within a moment has not left', async () => {
    const ada = await person()
    const room = await joinRoom(ada, { name: roomName() })
    await stopAttending([{ conversationId: room.id, userId: ada.id }])
    await removeAbsent()
    assert.equal(await isIn(ada, room), true)
    await enterRoom(ada, room.id)
    await removeAbsent()
    assert.equal(await isIn(ada, room), true)
  })

  test('an open tab is a membership, which ends within 10 s after the tab, however it ends', async () => {
    const [ada, bob] = await people('ada', 'bob')
    assert.ok(ada && bob)
    const room = await joinRoom(ada, { name: roomName() })
    await leaveRoom(ada, room.id)
    const ends = [
      async (who: TestPerson) => {
        const socket = await connect(who)
        await socket.subscribe(attendanceChannel(room.id, who.id))
        return () => socket.disconnect()
      },
      async (who: TestPerson) => {
        const socket = await connect(who)
        const channel = await socket.subscribe(attendanceChannel(room.id, who.id))
        return () => channel.unsubscribe()
      },
    ]
    await Promise.all(
      [ada, bob].map(async (who, index) => {
        const leave = await ends[index]?.(who)
        assert.equal(await isIn(who, room), true)
        leave?.()
        await eventually(async () => !(await isIn(who, room)), 10_000, 100)
      }),
    )
  })

  test('an attendance channel lets nobody join or leave a direct conversation', async () => {
    const { ada, bob, id } = await friends()
    const eve = await person('eve')
    await assert.rejects(enterRoom(eve, id), refusedWith(404))
    assert.equal(await isIn(eve, { id }), false)
    await leaveRoom(ada, id)
    await stopAttending([{ conversationId: id, userId: bob.id }])
    await keepAttending([{ conversationId: id, userId: bob.id }])
    await removeAbsent()
    assert.ok((await isIn(ada, { id })) && (await isIn(bob, { id })))
    await assert.rejects(findRoom(id), refusedWith(404))
  })

  test('leaving with a malformed id does nothing', async () => {
    const ada = await person()
    for (const id of ['', 'x', 'lobby']) await assert.rejects(leaveRoom(ada, id), refusedWith(404))
  })
})
