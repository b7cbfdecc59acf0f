import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { eventually } from '@/testing/eventually'
import { friends, person, say, type TestPerson, unique } from '@/testing/people'
import { TestStream } from '@/testing/streams'
import { deleteMessage, editMessage } from './message-changes'
import { setReaction } from './reactions'
import { joinRoom } from './rooms'
import type { Message } from './views'

const ndjson = 'application/x-ndjson'
const sse = 'text/event-stream'

type Options = { query?: string; accept?: string; lastEventId?: string }
const listens = ({ token }: TestPerson, id: string, { query = '', accept, lastEventId }: Options = {}) =>
  TestStream.open(`/api/conversations/${id}/stream?timeout=60${query}`, {
    token,
    accept,
    headers: { ...(lastEventId && { 'last-event-id': lastEventId }) },
  })
const time = ({ createdAt }: Message) => createdAt.slice(11, 16)
const linesOf = (stream: TestStream): ({ type: string } & Message)[] =>
  stream.lines.map((line) => JSON.parse(line))
const idsOf = ({ text }: TestStream) =>
  [...text.matchAll(/^id: (.*)\nevent: message\.(\w+)$/gm)].map(([, id, name]) => `${name} ${id}`)

/** Edits a message as the site does, but without an event. */
const editSilently = (id: string, seq: number, body: string) =>
  database().transaction(async (tx) => {
    await tx.execute(sql`update conversations set version = version + 1 where id = ${id}`)
    await tx.execute(sql`update messages set body = ${body} where conversation_id = ${id} and seq = ${seq}`)
    await tx.execute(sql`
      insert into message_changes (conversation_id, seq, version, body_version, edited_at)
      select id, ${seq}, version, version, now() from conversations where id = ${id}
      on conflict (conversation_id, seq) do update
        set version = excluded.version, body_version = excluded.version, edited_at = now()`)
  })

describe('streams of changes', { concurrency: 6 }, () => {
  test('text/plain has a line for each change, which no text can forge', async () => {
    const { ada, bob, id } = await friends()
    const message = await say(ada, id, 'old')
    const stream = await listens(bob, id)
    await stream.shows(': old\n')
    await editMessage(ada, id, 1, { body: 'new\n* bob left\u2028* bob left' })
    await deleteMessage(ada, id, 1)
    await stream.shows('deleted')
    assert.deepEqual(stream.text.split(/[\n\u2028]/), [
      `${time(message)} ${ada.username}: old`,
      `* ${ada.username} edited ${time(message)}: new`,
      '    * bob left',
      '    * bob left',
      `* ${ada.username} deleted a message of ${time(message)}`,
      '',
    ])
    stream.close()
  })

  test('text/plain says who reacted and who took a reaction back', async () => {
    const { ada, bob, id } = await friends()
    const message = await say(ada, id)
    const stream = await listens(bob, id)
    await stream.shows('hello')
    await setReaction(bob, id, 1, '👍', true)
    await setReaction(bob, id, 1, '👍', false)
    await setReaction(ada, id, 1, '🎉', true)
    await stream.shows('🎉')
    const its = `${ada.username}'s message of ${time(message)}`
    assert.deepEqual(stream.lines.slice(1), [
      `* ${bob.username} 👍 ${its}`,
      `* ${bob.username} removed 👍 from ${its}`,
      `* ${ada.username} 🎉 ${its}`,
    ])
    stream.close()
    // After a break it shows the reactions that there are.
    const again = await listens(bob, id, { query: '&after=1&since=0' })
    await again.shows('🎉')
    assert.deepEqual(again.lines, [`* ${ada.username} 🎉 ${its}`])
    again.close()
  })

  test('each reader of application/x-ndjson sees their own reactions as theirs, however many there are', async () => {
    const [ada, bob, ...others] = await Promise.all(Array.from({ length: 24 }, () => person()))
    assert.ok(ada && bob)
    const room = await joinRoom(ada, { name: `room-${unique()}` })
    await say(ada, room.id)
    const react = async (one: TestPerson, emoji: string, added: boolean) => {
      await joinRoom(one, room)
      await setReaction(one, room.id, 1, emoji, added)
    }
    for (const one of others) await react(one, '👍', true)
    await react(bob, '👍', true)
    await Promise.all([ada, bob].map((one) => joinRoom(one, room)))
    const streams = await Promise.all([ada, bob].map((one) => listens(one, room.id, { accept: ndjson })))
    for (const stream of streams) await stream.shows('"count":23')
    const [first] = others
    assert.ok(first)
    await react(first, '👍', false)
    await react(ada, '🎉', true)
    for (const stream of streams) await stream.shows('🎉')
    const shown = streams.map((stream) =>
      linesOf(stream).map(({ reactions }) => reactions.map(({ emoji, count, mine }) => [emoji, count, mine])),
    )
    const expected = (isAda: boolean) => [
      [['👍', 23, !isAda]],
      [['👍', 22, !isAda]],
      [
        ['👍', 22, !isAda],
        ['🎉', 1, isAda],
      ],
    ]
    assert.deepEqual(shown, [expected(true), expected(false)])
    for (const stream of streams) stream.close()
  })

  test('application/x-ndjson has the message as it is after the change', async () => {
    const { ada, bob, id } = await friends()
    const message = await say(ada, id, 'old')
    const stream = await listens(bob, id, { accept: ndjson })
    await stream.shows('old')
    const edited = await editMessage(ada, id, 1, { body: 'new' })
    await stream.shows('new')
    assert.deepEqual(linesOf(stream), [
      { type: 'message', ...message },
      { type: 'changed', ...edited },
    ])
    stream.close()
  })

  test('text/event-stream resumes from its last id, and any form from `after` and `since`', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two', 'three']) await say(ada, id, body)
    const stream = await listens(bob, id, { accept: sse })
    await stream.shows('three')
    await editMessage(ada, id, 2, { body: 'second' })
    await say(ada, id, 'four')
    await stream.shows('four')
    assert.deepEqual(idsOf(stream), [
      'created 1.0',
      'created 2.0',
      'created 3.0',
      'changed 3.1',
      'created 4.1',
    ])
    stream.close()
    await editMessage(ada, id, 1, { body: 'first' })
    await deleteMessage(ada, id, 3)
    await say(ada, id, 'five')
    const missed = ['changed 4.2', 'changed 4.3', 'created 5.3']
    for (const options of [{ lastEventId: '4.1' }, { query: '&after=4&since=1' }]) {
      const again = await listens(bob, id, { accept: sse, ...options })
      await again.shows('five')
      assert.deepEqual(idsOf(again), missed)
      again.close()
    }
    const lines = await listens(bob, id, { query: '&after=4&since=1' })
    await lines.shows('five')
    const shown = lines.text.replace(/\d\d:\d\d/g, 'time')
    const deleted = `* ${ada.username}'s message of time was deleted\n`
    assert.equal(shown, `* ${ada.username} edited time: first\n${deleted}time ${ada.username}: five\n`)
    lines.close()
  })

  test('a change whose event was lost comes before the next change or message, once', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two']) await say(ada, id, body)
    const stream = await listens(bob, id, { accept: ndjson })
    await stream.shows('two')
    await editSilently(id, 1, 'lost before a change')
    await editMessage(ada, id, 2, { body: 'second' })
    await stream.shows('second')
    await editSilently(id, 1, 'lost before a message')
    await say(ada, id, 'three')
    await stream.shows('three')
    assert.deepEqual(
      linesOf(stream).map(({ type, body }) => `${type} ${body}`),
      [
        'message one',
        'message two',
        'changed lost before a change',
        'changed second',
        'changed lost before a message',
        'message three',
      ],
    )
    stream.close()
  })

  test('a client that was away gets each of many missed changes and messages once', async () => {
    const { ada, bob, id } = await friends()
    for (let seq = 1; seq <= 35; seq++) await say(ada, id, `number ${seq}`)
    for (let seq = 1; seq <= 35; seq++) await editMessage(ada, id, seq, { body: `edited ${seq}` })
    const stream = await listens(bob, id, { query: '&after=15&since=2', accept: ndjson })
    await stream.shows('edited 35')
    assert.deepEqual(
      linesOf(stream).map(({ type, seq, body }) => [type, seq, body]),
      Array.from({ length: 33 }, (_, index) => {
        const seq = index + 3
        return [seq <= 15 ? 'changed' : 'message', seq, `edited ${seq}`]
      }),
    )
    stream.close()
  })

  test('many people who change messages at once: each reader ends with what is stored', async () => {
    const { ada, bob, id } = await friends()
    const readers = await Promise.all([ada, bob].map((one) => listens(one, id, { accept: ndjson })))
    const work = async (one: TestPerson) => {
      for (let turn = 0; turn < 30; turn++) {
        const { seq } = await say(one, id, `turn ${turn}`)
        await editMessage(one, id, seq, { body: `edited ${turn}` })
        if (turn % 5 === 0) await deleteMessage(one, id, seq)
      }
    }
    await Promise.all([work(ada), work(bob), work(ada)])
    const { body } = await ada.request(`/api/conversations/${id}/messages?limit=100`)
    for (const reader of readers) {
      const latest = () => new Map(linesOf(reader).map(({ type, ...message }) => [message.seq, message]))
      await eventually(() => isDeepStrictEqual([...latest().values()], body.messages))
      const versions = linesOf(reader).map(({ seq, version }) => `${seq} ${version}`)
      assert.equal(new Set(versions).size, versions.length, 'nothing is sent twice')
    }
  })

  test('a conversation that the reader is not in is not found', async () => {
    const { id } = await friends()
    const eve = await person('eve')
    const answers = await Promise.all(
      [id, 'x', '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f'].map((one) =>
        eve.request(`/api/conversations/${one}/stream`),
      ),
    )
    assert.deepEqual(
      answers.map(({ status, body }) => [status, body.detail]),
      answers.map(() => [404, answers[0]?.body.detail]),
    )
  })
})
