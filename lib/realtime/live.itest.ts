import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { presence } from '@/db/schema'
import { blockPerson } from '@/lib/blocking'
import { endLoginSession } from '@/lib/login-sessions'
import { toNewest } from '@/lib/message-rows'
import { sendMessage, storeMessage } from '@/lib/messages'
import { noteRequest, noteSeen } from '@/lib/presence'
import { joinRoom } from '@/lib/rooms'
import type { Conversation, Status } from '@/lib/views'
import { eventually } from '@/testing/eventually'
import { assertProblem, request } from '@/testing/http'
import {
  friends,
  onlinePerson,
  people,
  person,
  say,
  socketId,
  type TestPerson,
  unique,
  withSession,
} from '@/testing/people'
import { connect, Socket } from '@/testing/sockets'
import { createdEvent } from '@/testing/views'
import { conversationChannel, peopleChannel, presenceChannel, userChannel } from './channels'
import type { Events, Touched } from './events'

/** Any change of status must be visible within this time. */
const statusPatienceMs = 10_000

async function listen(who: TestPerson) {
  const socket = await connect(who)
  await socket.subscribe(userChannel(who.id))
  return socket
}

/** Reduces the people to their ids, because their statuses change with each request. */
const withoutPeople = ({ people, ...conversation }: Conversation) => ({
  ...conversation,
  people: people.map(({ id }) => id),
})

const statusOf = async (who: TestPerson, seenBy: TestPerson) => {
  const { users } = (await seenBy.request(`/api/users?q=${who.username}`)).body
  assert.equal(users.length, 1)
  return users[0].status as 'online' | 'offline'
}

const isSeen = (status: 'online' | 'offline', who: TestPerson, seenBy: TestPerson) =>
  eventually(async () => (await statusOf(who, seenBy)) === status, statusPatienceMs, 100)

/** Makes the last request appear long ago. */
const forgetRequests = (who: TestPerson) =>
  database()
    .update(presence)
    .set({ lastRequestAt: sql`now() - interval '61 seconds'` })
    .where(eq(presence.userId, who.id))

describe('live', { concurrency: 4 }, () => {
  test('a message event has the whole message, the same as the response', async () => {
    const { ada, bob, id } = await friends()
    const socket = await connect(bob)
    await socket.subscribe(conversationChannel(id))
    const { body } = await ada.request(`/api/conversations/${id}/messages`, {
      body: { body: 'Grüße 😀\n<b>' },
    })
    const { data, channel } = await socket.receives('message.created')
    assert.deepEqual(data, createdEvent(body))
    assert.equal(channel, conversationChannel(id))
  })

  test('a repeated send publishes the same message again', async () => {
    const { ada, bob, id } = await friends()
    const room = await joinRoom(ada, { name: `room-${unique()}` })
    await joinRoom(bob, room)
    for (const conversationId of [id, room.id]) {
      const socket = await connect(bob)
      await socket.subscribe(conversationChannel(conversationId))
      const draft = { body: 'hello', nonce: 'n' }
      // As if the site had crashed between the commit and the event.
      const { message } = await storeMessage(ada, conversationId, draft)
      assert.equal(socket.count('message.created'), 0)
      assert.equal((await sendMessage(ada, conversationId, draft)).isNew, false)
      assert.deepEqual((await socket.receives('message.created')).data, createdEvent(message))
    }
  })

  test('the longest message is published too', async () => {
    const { ada, bob, id } = await friends()
    const socket = await connect(bob)
    await socket.subscribe(conversationChannel(id))
    const body = '😀'.repeat(4000)
    assert.equal((await ada.request(`/api/conversations/${id}/messages`, { body: { body } })).status, 201)
    assert.equal((await socket.receives('message.created')).data.body, body)
  })

  test('a message updates the list entries of both people', async () => {
    const { ada, bob, id } = await friends()
    const sockets = await Promise.all([listen(ada), listen(bob)])
    const newest = toNewest(await say(ada, id, 'x'.repeat(201)))
    assert.equal(newest.body, 'x'.repeat(200))
    for (const socket of sockets)
      assert.deepEqual((await socket.receives('conversation.touched')).data, { conversationId: id, newest })
  })

  test('both people receive the invitation, its answer and the conversation', async () => {
    const [ada, bob] = [await onlinePerson('ada'), await onlinePerson('bob')]
    const sockets = await Promise.all([listen(ada), listen(bob)])
    const made = (await ada.request('/api/invitations', { body: { username: bob.username } })).body
    for (const socket of sockets) assert.deepEqual((await socket.receives('invitation.created')).data, made)
    const { body } = await bob.request(`/api/invitations/${made.id}`, { body: { answer: 'accept' } })
    for (const socket of sockets) {
      assert.deepEqual((await socket.receives('invitation.answered')).data, { ...made, status: 'accepted' })
      const { data } = await socket.receives('conversation.created')
      const { id: conversationId } = body.conversation
      const [conversation] = (await socket.person.request('/api/me')).body.conversations
      assert.deepEqual(
        { ...data, conversation: withoutPeople(data.conversation as Conversation) },
        { conversationId, conversation: withoutPeople(conversation) },
      )
      assert.equal(conversation.name, (socket.person === ada ? bob : ada).name)
    }
  })

  test('the other person receives a rejection and a withdrawal', async () => {
    for (const answer of ['reject', 'withdraw'] as const) {
      const [ada, bob] = [await onlinePerson('ada'), await onlinePerson('bob')]
      const other = await listen(answer === 'reject' ? ada : bob)
      const { id } = (await ada.request('/api/invitations', { body: { username: bob.username } })).body
      await (answer === 'reject' ? bob : ada).request(`/api/invitations/${id}`, { body: { answer } })
      const { data } = await other.receives('invitation.answered')
      assert.deepEqual([data.id, data.status], [id, answer === 'reject' ? 'rejected' : 'withdrawn'])
      assert.equal(other.count('conversation.created'), 0)
    }
  })

  test('being blocked looks like a rejection', async () => {
    const [ada, bob] = [await onlinePerson('ada'), await onlinePerson('bob')]
    const socket = await listen(ada)
    await ada.request('/api/invitations', { body: { username: bob.username } })
    await blockPerson(bob, ada.id)
    const { data } = await socket.receives('invitation.answered')
    assert.equal(data.status, 'rejected')
    assert.doesNotMatch(JSON.stringify(socket.received), /block/i)
  })

  test('a receipt is published to the conversation', async () => {
    const { ada, bob, id } = await friends()
    const socket = await connect(ada)
    await socket.subscribe(conversationChannel(id))
    await say(ada, id)
    await bob.request('/api/me')
    const delivered = await socket.receives('receipt.updated', ({ data }) => data.lastReadSeq === 0)
    assert.deepEqual(delivered.data, {
      conversationId: id,
      userId: bob.id,
      lastDeliveredSeq: 1,
      lastReadSeq: 0,
    })
    const his = await listen(bob)
    await bob.request(`/api/conversations/${id}/read`, { body: { seq: 1 } })
    const read = await socket.receives('receipt.updated', ({ data }) => data.lastReadSeq === 1)
    assert.deepEqual(read.data, { conversationId: id, userId: bob.id, lastDeliveredSeq: 1, lastReadSeq: 1 })
    // His other pages are notified as well.
    const touched = await his.receives('conversation.touched', ({ data }) => 'lastReadSeq' in data)
    assert.deepEqual(touched.data, { conversationId: id, lastReadSeq: 1, readSaid: 1 })
  })

  test('typing is delivered with the sender’s id, and the presence channel lists its members', async () => {
    const { ada, bob, id } = await friends()
    const [hers, his] = await Promise.all([connect(ada), connect(bob)])
    await his.subscribe(presenceChannel(id))
    const channel = await hers.subscribe(presenceChannel(id))
    const members: string[] = []
    const { members: inIt } = channel as unknown as {
      members: { each: (tell: (member: { id: string }) => void) => void }
    }
    inIt.each((member) => members.push(member.id))
    assert.deepEqual(members.sort(), [ada.id, bob.id].sort())
    assert.ok(hers.types(channel))
    const { userId } = await his.receives('client-typing')
    assert.equal(userId, ada.id)
    assert.equal(hers.count('client-typing'), 0, 'not to herself')
  })

  test('people may subscribe to their own channels only', async () => {
    const { ada, id } = await friends()
    const eve = await person('eve')
    const authorize = (who: TestPerson, channel_name: string) =>
      request('/api/realtime/auth', { token: who.token, body: { socket_id: socketId(), channel_name } })
    const hers = [userChannel(ada.id), conversationChannel(id), presenceChannel(id)]
    for (const channel of hers) {
      const { status, body } = await authorize(ada, channel)
      assert.equal(status, 200, channel)
      assert.match(body.auth, new RegExp(`^${process.env.SOKETI_APP_KEY}:[\\da-f]{64}$`))
      assertProblem(await authorize(eve, channel), 403)
    }
    for (const who of [ada, eve, await person('gus', { isGuest: true })])
      assert.equal((await authorize(who, peopleChannel)).status, 200)
    for (const channel of [
      '',
      'private-people-',
      'private-people ',
      'lobby',
      'private-x',
      `private-user-${ada.id} `,
      `private-user-${ada.id}x`,
      `private-encrypted-user-${ada.id}`,
      `presence-user-${ada.id}`,
      `private-conversation-${randomUUID()}`,
      'presence-conversation-%',
      'private-conversation-\0',
      '#server-to-user-x',
    ])
      assertProblem(await authorize(ada, channel), 403)
    assertProblem(await authorize(ada, 'x'.repeat(201)), 422, ['channel_name'])
  })

  test('a sign-in contains the login session, and a presence authorization the person', async () => {
    const { ada, id } = await friends()
    const authorize = (fields: object) =>
      ada.request('/api/realtime/auth', { body: { socket_id: socketId(), ...fields } })
    assert.equal(JSON.parse((await authorize({})).body.user_data).id, ada.loginSessionId)
    const { channel_data } = (await authorize({ channel_name: presenceChannel(id) })).body
    assert.equal(JSON.parse(channel_data).user_id, ada.id)
  })

  test('a form is authorized like JSON', async () => {
    const ada = await person()
    const { status } = await ada.request('/api/realtime/auth', {
      body: new URLSearchParams({ socket_id: socketId(), channel_name: userChannel(ada.id) }).toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    })
    assert.equal(status, 200)
  })

  test('a malformed socket id is a 422', async () => {
    const ada = await person()
    for (const socket_id of [undefined, null, '', 'x', '1', '1.2:3', '1.2\n', 7, {}])
      assertProblem(await ada.request('/api/realtime/auth', { body: { socket_id } }), 422, ['socket_id'])
  })

  test('a refused channel delivers no events', async () => {
    const { ada, bob, id } = await friends()
    const eve = await connect(await person('eve'))
    await assert.rejects(eve.subscribe(conversationChannel(id)))
    const socket = await connect(bob)
    await socket.subscribe(conversationChannel(id))
    await say(ada, id)
    await socket.receives('message.created')
    assert.deepEqual(eve.received, [])
  })

  test('ending a login session closes its sockets, and none of the person’s other sockets', async () => {
    const ada = await person()
    const other = await withSession(ada)
    const [one, another, kept] = await Promise.all([listen(ada), listen(ada), listen(other)])
    await endLoginSession(other, ada.loginSessionId)
    await Promise.all([one.closes(), another.closes()])
    assert.ok(kept.isConnected)
    const bob = await person('bob')
    await bob.request('/api/invitations', { body: { username: ada.username, leave: true } })
    await kept.receives('invitation.created')
    assert.equal(one.count('invitation.created'), 0)
    await assert.rejects(new Socket(ada).subscribe(userChannel(ada.id)), 'and lets none in again')
  })

  test('logging out through the API closes the sockets of its token', async () => {
    const ada = await person()
    const socket = await listen(ada)
    assert.equal((await ada.request('/api/logout', { method: 'POST' })).status, 204)
    await socket.closes()
  })
})

describe('status', { concurrency: true }, () => {
  test('a request makes a person online for 60 s', async () => {
    const { ada, bob } = await friends()
    assert.equal(await statusOf(bob, ada), 'offline')
    await bob.request('/api/me')
    assert.equal(await statusOf(bob, ada), 'online')
    await forgetRequests(bob)
    await isSeen('offline', bob, ada)
  })

  test('a connected person stays online long after the last request', async () => {
    const { ada, bob } = await friends()
    const socket = await listen(bob)
    await isSeen('online', bob, ada)
    // The first record of the connection lasts 8 s. After that, the periodic check must have renewed it.
    const until = Date.now() + 9000
    await forgetRequests(bob)
    while (Date.now() < until)
      await eventually(async () => {
        assert.equal(await statusOf(bob, ada), 'online')
        return true
      }).then(() => new Promise((resolve) => setTimeout(resolve, 250)))
    assert.ok(socket.isConnected)
  })

  test('a person is offline within 10 s after the last connection closes, however recent the requests', async () => {
    const { ada, bob, id } = await friends()
    const [socket, hers] = [await listen(bob), await listen(ada)]
    await bob.request('/api/me')
    await isSeen('online', bob, ada)
    const touched = hers.count('conversation.touched')
    socket.disconnect()
    await isSeen('offline', bob, ada)
    await eventually(() => hers.count('conversation.touched') > touched, statusPatienceMs)
    const { users } = (await ada.request(`/api/users?q=${bob.username}`)).body
    const { status, lastSeenAt } = users[0]
    assert.deepEqual(hers.received.at(-1)?.data, {
      conversationId: id,
      person: { id: bob.id, status, lastSeenAt },
    })
  })

  test('a stream whose process was killed expires within 10 s, and the friend is notified', async () => {
    const { ada, bob } = await friends()
    const hers = await listen(ada)
    await noteSeen([bob.id])
    await isSeen('online', bob, ada)
    const touched = hers.count('conversation.touched')
    await isSeen('offline', bob, ada)
    await eventually(() => hers.count('conversation.touched') > touched, statusPatienceMs)
  })

  test('a request after the last connection closed makes the person online for 60 s again', async () => {
    const { ada, bob } = await friends()
    const socket = await listen(bob)
    await isSeen('online', bob, ada)
    socket.disconnect()
    await isSeen('offline', bob, ada)
    await noteRequest(bob.id)
    assert.equal(await statusOf(bob, ada), 'online')
    await forgetRequests(bob)
    await isSeen('offline', bob, ada)
  })

  test('a person with two connections stays online when one closes', async () => {
    const { ada, bob } = await friends()
    const [one] = [await listen(bob), await listen(bob)]
    await isSeen('online', bob, ada)
    one.disconnect()
    for (const end = Date.now() + 9000; Date.now() < end; await sleep(250))
      assert.equal(await statusOf(bob, ada), 'online')
  })

  test('status changes are published to everyone who lists people', async () => {
    const [eve, bob] = await people('eve', 'bob')
    assert.ok(eve && bob)
    const hers = await connect(eve)
    await hers.subscribe(peopleChannel)
    const isAnnounced = (status: Status['status']) =>
      eventually(() => {
        const known = hers.received.flatMap(({ data }) => (data as Events['status.changed']).people)
        return known.findLast(({ id }) => id === bob.id)?.status === status
      }, statusPatienceMs)
    const socket = await listen(bob)
    await isAnnounced('online')
    socket.disconnect()
    await isAnnounced('offline')
    const { users } = (await eve.request(`/api/users?q=${bob.username}`)).body
    assert.equal(users[0].status, 'offline')
  })

  test('status changes are not published to a closed conversation', async () => {
    const { ada, bob } = await friends()
    await blockPerson(ada, bob.id)
    const his = await listen(bob)
    const before = his.count('conversation.touched')
    const socket = await listen(ada)
    await isSeen('online', ada, bob)
    socket.disconnect()
    await isSeen('offline', ada, bob)
    assert.equal(his.count('conversation.touched'), before)
  })

  test('ending the last login session makes a person offline at once, despite open sockets', async () => {
    const { ada, bob } = await friends()
    const other = await withSession(bob)
    await listen(bob)
    await isSeen('online', bob, ada)
    await other.request('/api/logout', { method: 'POST' })
    assert.equal(await statusOf(bob, ada), 'online', 'one login session is left')
    await bob.request('/api/logout', { method: 'POST' })
    assert.equal(await statusOf(bob, ada), 'offline')
  })

  test('an expired login session does not keep a person online', async () => {
    const { ada, bob } = await friends()
    const forgotten = await withSession(bob)
    await database().execute(
      sql`update login_sessions set last_seen_at = now() - interval '31 days' where id = ${forgotten.loginSessionId}`,
    )
    await noteRequest(bob.id)
    assert.equal(await statusOf(bob, ada), 'online')
    await bob.request('/api/logout', { method: 'POST' })
    assert.equal(await statusOf(bob, ada), 'offline')
  })

  test('a friend is notified when a person comes online', async () => {
    const { ada, bob, id } = await friends()
    const hers = await listen(ada)
    const statuses = () =>
      hers.received.map(({ data }) => data as Touched).map(({ person }) => [person?.id, person?.status])
    const isTouched = (...expected: Status['status'][]) =>
      eventually(() => statuses().length === expected.length, statusPatienceMs).then(() =>
        assert.deepEqual(
          statuses(),
          expected.map((status) => [bob.id, status]),
        ),
      )
    await isSeen('online', ada, bob)
    await isTouched('online')
    await forgetRequests(bob)
    await isTouched('online', 'offline')
    await listen(bob)
    await isTouched('online', 'offline', 'online')
    assert.equal(hers.received.at(-1)?.data.conversationId, id)
  })
})
