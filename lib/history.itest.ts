import assert from 'node:assert/strict'
import { test } from 'node:test'
import { friends, person, say } from '@/testing/people'
import { Refusal } from './errors'
import { listMessages } from './history'
import { deleteMessage, editMessage } from './message-changes'
import { sendMessage } from './messages'
import type { Message, MessageUpdates } from './views'

const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const seqs = (messages: Message[]) => messages.map(({ seq }) => seq)
const shown = ({ messages, changed, version, more }: MessageUpdates) => ({
  messages: seqs(messages),
  changed: changed.map(({ seq, body }) => `${seq} ${body}`),
  version,
  more,
})

async function conversation(length: number) {
  const { ada, bob, id } = await friends()
  for (const seq of span(1, length)) await say(ada, id, `${seq}`)
  const edit = (seq: number, body: string) => editMessage(ada, id, seq, { body })
  const list = async (bounds: object) => shown(await listMessages(bob, id, bounds))
  return { ada, bob, id, edit, list }
}

test('a client that was away gets what is new and what changed, each message once and as it is now', async () => {
  const { ada, id, edit, list } = await conversation(4)
  await edit(2, 'two')
  await edit(1, 'one')
  await edit(2, 'second')
  await say(ada, id, '5')
  await edit(5, 'five')
  await deleteMessage(ada, id, 3)
  assert.deepEqual(await list({ after: 4, since: 0 }), {
    messages: [5],
    changed: ['1 one', '2 second', '3 '],
    version: 5,
    more: false,
  })
  assert.deepEqual(await list({ after: 4, since: 3 }), {
    messages: [5],
    changed: ['3 '],
    version: 5,
    more: false,
  })
  const nothing = { messages: [], changed: [], version: 5, more: false }
  assert.deepEqual(await list({ after: 5, since: 5 }), nothing)
  assert.deepEqual(await list({ after: 5 }), nothing)
})

test('a long list of changes comes in parts, from each to the next version', async () => {
  const { edit, list } = await conversation(25)
  for (const seq of span(1, 25)) await edit(seq, `new ${seq}`)
  const received: string[] = []
  let [since, more] = [0, true]
  for (; more; ) {
    const part = await list({ after: 25, since, limit: 10 })
    assert.equal(part.more, received.length < 20)
    received.push(...part.changed)
    ;[since, more] = [part.version, part.more]
  }
  assert.deepEqual(
    received,
    span(1, 25).map((seq) => `${seq} new ${seq}`),
  )
  assert.equal(since, 25)
})

test('new messages that do not fit are asked for again, and changes are not given twice', async () => {
  const { edit, list } = await conversation(6)
  await edit(1, 'one')
  await edit(6, 'six')
  assert.deepEqual(await list({ after: 2, since: 0, limit: 2 }), {
    messages: [3, 4],
    changed: ['1 one'],
    version: 2,
    more: true,
  })
  assert.deepEqual(await list({ after: 4, since: 2, limit: 2 }), {
    messages: [5, 6],
    changed: [],
    version: 2,
    more: false,
  })
})

test('around a message are up to 25 before it and 25 after it', async () => {
  const { list } = await conversation(80)
  const around = async (seq: number) => {
    const { messages, more } = await list({ around: seq })
    return [messages[0], messages.at(-1), messages.length, more]
  }
  assert.deepEqual(await around(40), [15, 65, 51, true])
  assert.deepEqual(await around(1), [1, 26, 26, true])
  assert.deepEqual(await around(80), [55, 80, 26, false])
  assert.deepEqual(await around(999), [56, 80, 25, false])
})

test('others do not get any of it', async () => {
  const { id } = await conversation(1)
  const eve = await person('eve')
  for (const bounds of [{}, { after: 0 }, { after: 0, since: 0 }, { around: 1 }])
    await assert.rejects(
      listMessages(eve, id, bounds),
      (error) => error instanceof Refusal && error.status === 404,
    )
})

test('a reply quotes the message as it is now', async () => {
  const { ada, bob, id, edit } = await conversation(1)
  const reply = async () => (await listMessages(bob, id)).messages[1]?.replyTo
  const { message } = await sendMessage(bob, id, { body: 'yes', replyTo: 1 })
  const sender = { id: ada.id, username: ada.username, name: ada.name }
  assert.deepEqual(message.replyTo, { seq: 1, sender, excerpt: '1', isDeleted: false })
  await edit(1, '😀'.repeat(200))
  assert.equal((await reply())?.excerpt, '😀'.repeat(140))
  await deleteMessage(ada, id, 1)
  assert.deepEqual(await reply(), { seq: 1, sender, excerpt: '', isDeleted: true })
  for (const replyTo of [1, 3])
    await assert.rejects(
      sendMessage(bob, id, { body: 'no', replyTo }),
      (error) => error instanceof Refusal && Object.hasOwn(error.errors ?? {}, 'replyTo'),
    )
})
