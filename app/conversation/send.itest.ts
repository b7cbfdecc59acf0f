import assert from 'node:assert/strict'
import { test } from 'node:test'
import { leaveRoom } from '@/lib/attendance'
import { listMessages } from '@/lib/history'
import { cookieOf } from '@/testing/cookies'
import { assertProblem, type RequestOptions, request } from '@/testing/http'
import { friends, person, say, unique } from '@/testing/people'

type Writer = Parameters<typeof cookieOf>[0]

/** Sends as the outbox of a page does. */
const post = async (user: Writer, path: string, body: unknown, headers: RequestOptions['headers'] = {}) =>
  request(path, {
    body,
    headers: { cookie: await cookieOf(user), 'parley-user': user.id, ...headers },
  })
const send = (user: Writer, path: string, body: unknown, headers?: RequestOptions['headers']) =>
  post(user, `${path}/messages`, body, headers)
const change = (user: Writer, path: string, body: unknown, headers?: RequestOptions['headers']) =>
  post(user, `${path}/changes`, body, headers)

test('a message from a page is stored once, and returned', async () => {
  const { ada, id } = await friends()
  const path = `/c/${id}`
  const [first, second] = [
    await send(ada, path, { body: 'hello', nonce: 'n' }),
    await send(ada, path, { body: 'hello', nonce: 'n' }),
  ]
  assert.equal(first.status, 200)
  assert.equal(first.body.stored.body, 'hello')
  assert.deepEqual(second.body, first.body)
  assert.deepEqual((await listMessages(ada, id)).messages, [first.body.stored])
})

test('a permanent refusal is a `refusal`, unlike a failure', async () => {
  const { ada, id } = await friends()
  const eve = await person('eve')
  const sendBody = (body: string) => send(ada, `/c/${id}`, { body })
  assert.deepEqual((await sendBody('x'.repeat(4001))).body, {
    refusal: 'A message has at most 4,000 characters.',
  })
  assert.ok((await sendBody('x'.repeat(2 ** 20))).body.refusal)
  assert.ok((await send(ada, `/c/${id}`, '{')).body.refusal)
  assert.deepEqual((await send(eve, `/c/${id}`, { body: 'hi' })).body, {
    refusal: 'There is no such conversation.',
  })
  assert.deepEqual((await listMessages(ada, id)).messages, [])
})

test('nothing is sent as another person, without a login session, or from another site', async () => {
  const { ada, bob, id } = await friends()
  const path = `/c/${id}`
  const message = { body: 'hi' }
  assert.deepEqual((await send(ada, path, message, { 'parley-user': bob.id })).body, { isSignedOut: true })
  assert.deepEqual((await send(ada, path, message, { cookie: '' })).body, { isSignedOut: true })
  assertProblem(await send(ada, path, message, { 'parley-user': '' }), 400)
  assert.equal((await send(ada, path, message, { origin: 'https://evil.example' })).status, 403)
  assert.deepEqual((await listMessages(ada, id)).messages, [])
})

test('sending into a room joins it', async () => {
  const ada = await person()
  const { body } = await send(ada, `/room/tea-${unique()}`, { body: 'hello' })
  assert.equal(body.stored.seq, 1)
  assert.equal((await listMessages(ada, body.stored.conversationId)).messages.length, 1)
})

test('changes from a page are made once, and answered with the message as it is then', async () => {
  const { ada, bob, id } = await friends()
  const path = `/c/${id}`
  await say(ada, id, 'one')
  const edit = { what: 'edit', seq: 1, body: 'two', version: 0 }
  const react = { what: 'react', seq: 1, emoji: '❤', added: true }
  for (const _ of [1, 2]) {
    const { stored } = (await change(ada, path, edit)).body
    assert.deepEqual([stored.body, stored.version], ['two', 1])
  }
  for (const _ of [1, 2]) {
    const { stored } = (await change(bob, path, react)).body
    assert.deepEqual([stored.reactions[0].emoji, stored.reactions[0].mine, stored.version], ['❤️', true, 2])
  }
  for (const _ of [1, 2]) {
    const { stored } = (await change(ada, path, { what: 'delete', seq: 1 })).body
    assert.deepEqual([stored.body, stored.reactions, stored.version], ['', [], 3])
  }
  assert.deepEqual((await change(ada, path, { ...edit, body: 'three' })).body, {
    refusal: 'This message was deleted.',
  })
})

test('changes that cannot be made, and malformed ones, are refused', async () => {
  const { ada, bob, id } = await friends()
  const eve = await person('eve')
  const path = `/c/${id}`
  await say(ada, id, 'one')
  const edit = { what: 'edit', seq: 1, body: 'two', version: 0 }
  await change(ada, path, edit)
  const refused: [user: Writer, body: unknown][] = [
    [ada, { ...edit, body: 'three' }],
    [ada, { ...edit, body: ' ' }],
    [ada, { ...edit, seq: 2 }],
    [bob, edit],
    [bob, { what: 'delete', seq: 1 }],
    [bob, { what: 'react', seq: 1, emoji: 'x', added: true }],
    [bob, { what: 'react', seq: 1, emoji: '👍' }],
    [bob, { what: 'other', seq: 1 }],
    [bob, {}],
    [bob, null],
    [bob, '{'],
    [eve, { what: 'react', seq: 1, emoji: '👍', added: true }],
  ]
  for (const [user, body] of refused) {
    const answer = await change(user, path, body)
    assert.equal(answer.status, 200)
    assert.ok(answer.body.refusal, JSON.stringify(body))
  }
  const { messages } = await listMessages(ada, id)
  assert.deepEqual([messages[0]?.body, messages[0]?.version], ['two', 1])
  assert.deepEqual((await change(ada, path, edit, { 'parley-user': bob.id })).body, { isSignedOut: true })
})

test('a change in a room that the person has left joins it again', async () => {
  const ada = await person()
  const path = `/room/tea-${unique()}`
  const { conversationId } = (await send(ada, path, { body: 'hello' })).body.stored
  await leaveRoom(ada, conversationId)
  const { stored } = (await change(ada, path, { what: 'react', seq: 1, emoji: '👍', added: true })).body
  assert.equal(stored.reactions.length, 1)
})
