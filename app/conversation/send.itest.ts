import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listMessages } from '@/lib/history'
import { cookieOf } from '@/testing/cookies'
import { assertProblem, type RequestOptions, request } from '@/testing/http'
import { friends, person, unique } from '@/testing/people'

type Writer = Parameters<typeof cookieOf>[0]

/** Sends as the outbox of a page does. */
const send = async (user: Writer, path: string, body: unknown, headers: RequestOptions['headers'] = {}) =>
  request(`${path}/messages`, {
    body,
    headers: { cookie: await cookieOf(user), 'parley-user': user.id, ...headers },
  })

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
