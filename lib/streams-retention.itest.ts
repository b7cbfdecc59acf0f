import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { database } from '@/db/connection'
import { friends, groupOf, person, say, sayInRoom, type TestPerson, unique } from '@/testing/people'
import { age, expire } from '@/testing/retention'
import { connect, type Socket } from '@/testing/sockets'
import { TestStream } from '@/testing/streams'
import { conversationChannel, userChannel } from './realtime/channels'
import { deleteExpired } from './retention'
import { joinRoom } from './rooms'

const ndjson = 'application/x-ndjson'
const sse = 'text/event-stream'
const listens = ({ token }: TestPerson, id: string, accept: string, query = '') =>
  TestStream.open(`/api/conversations/${id}/stream?timeout=60${query}`, { token, accept })
const linesOf = (stream: TestStream) =>
  stream.lines.map((line) => {
    const { type, seq, firstSeq } = JSON.parse(line)
    return `${type} ${seq ?? firstSeq}`
  })

/** Deletes messages as retention does, but without an event. */
async function expireSilently(id: string, seq: number) {
  await age(id, seq)
  const keep = { keepRooms: 20, keepGroups: 20, keepDirect: 20 }
  await database().transaction((tx) => deleteExpired(tx, id, keep))
}

describe('streams of a conversation whose messages expire', { concurrency: 4 }, () => {
  test('JSON lines have an expired line, and go on', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two', 'three']) await say(ada, id, body)
    const stream = await listens(bob, id, ndjson)
    await stream.shows('three')
    await expire(id, 2)
    await say(ada, id, 'four')
    await stream.shows('four')
    assert.deepEqual(linesOf(stream), ['message 1', 'message 2', 'message 3', 'expired 3', 'message 4'])
    stream.close()
  })

  test('server-sent events have a place to resume from', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two', 'three']) await say(ada, id, body)
    const stream = await listens(bob, id, sse, '&after=1&since=0')
    await stream.shows('three')
    await expire(id, 2)
    await stream.shows('touched')
    assert.ok(
      stream.text.endsWith(
        `id: 3.1\nevent: conversation.touched\ndata: ${JSON.stringify({ conversationId: id, firstSeq: 3 })}\n\n`,
      ),
    )
    stream.close()
  })

  test('plain text shows nothing of it', async () => {
    const { ada, bob, id } = await friends()
    await say(ada, id, 'one')
    const stream = await listens(bob, id, 'text/plain')
    await stream.shows('one')
    await expire(id, 1)
    await say(ada, id, 'two')
    await stream.shows('two')
    assert.equal(stream.lines.length, 2)
    stream.close()
  })

  test('a reader who was away learns it once, and one who knows it does not', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two', 'three', 'four']) await say(ada, id, body)
    await expire(id, 3)
    for (const [query, expected] of [
      ['&after=1&since=0', ['expired 4', 'message 4']],
      ['&after=4&since=0', ['expired 4']],
      ['&after=1', ['expired 4', 'message 4']],
      ['&after=3&since=1', ['message 4']],
      ['', ['message 4']],
    ] as const) {
      const stream = await listens(bob, id, ndjson, query)
      await say(ada, id, `last of ${query}`)
      await stream.shows(`"last of ${query}"`)
      assert.deepEqual(
        linesOf(stream).filter((line) => /^expired|^message 4$/.test(line)),
        expected,
        query,
      )
      stream.close()
    }
  })

  test('a stream whose event was lost reads it from the database', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two', 'three']) await say(ada, id, body)
    const stream = await listens(bob, id, ndjson)
    await stream.shows('three')
    await expireSilently(id, 2)
    await say(ada, id, 'four')
    await stream.shows('four')
    assert.deepEqual(linesOf(stream).slice(3), ['expired 3', 'message 4'])
    stream.close()
  })
})

test('the members’ lists are notified, with how far they have read', async () => {
  const { owner, members, id } = await groupOf('ada', 'bob')
  const [bob] = members as [TestPerson]
  await say(owner, id, `one @${bob.username}`)
  await say(owner, id, 'two')
  const socket = await connect(bob)
  await socket.subscribe(userChannel(bob.id))
  await socket.subscribe(conversationChannel(id))
  await expire(id, 1)
  const event = { conversationId: id, firstSeq: 2, version: 1, lastReadSeq: 1, readSaid: 1 }
  for (const channel of [userChannel(bob.id), conversationChannel(id)]) await receives(socket, channel, event)
  await receives(socket, userChannel(bob.id), { conversationId: id, mentions: 0 })
})

test('in a room the event is on the room’s channel alone', async () => {
  const ada = await person()
  const { id } = await joinRoom(ada, { name: unique() })
  await sayInRoom(ada, id, 'one')
  const socket = await connect(ada)
  await socket.subscribe(userChannel(ada.id))
  await socket.subscribe(conversationChannel(id))
  await expire(id, 1)
  const event = { conversationId: id, firstSeq: 2, version: 1, lastReadSeq: 1, readSaid: 1 }
  await receives(socket, conversationChannel(id), event)
  assert.equal(socket.received.filter(({ channel }) => channel === userChannel(ada.id)).length, 0)
})

const receives = (socket: Socket, channel: string, data: object) =>
  socket.receives(
    'conversation.touched',
    (one) => one.channel === channel && isDeepStrictEqual(one.data, data),
  )
