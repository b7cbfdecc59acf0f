import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listMessages } from '@/lib/messages'
import { cookieOf } from '@/testing/cookies'
import { assertProblem, type RequestOptions, request } from '@/testing/http'
import { friends, people, unique } from '@/testing/people'

type Writer = Parameters<typeof cookieOf>[0]

/** Sends as the script of a page does. */
const sends = async (user: Writer, path: string, body: unknown, headers: RequestOptions['headers'] = {}) =>
  request(`${path}/messages`, {
    body,
    headers: { cookie: await cookieOf(user), 'parley-user': user.id, ...headers },
  })

test('what a page sends is stored once, and answered with the message', async () => {
  const { ada, id } = await friends()
  const path = `/c/${id}`
  const [first, second] = [
    await sends(ada, path, { body: 'hello', nonce: 'n' }),
    await sends(ada, path, { body: 'hello', nonce: 'n' }),
  ]
  assert.equal(first.status, 200)
  assert.equal(first.body.stored.body, 'hello')
  assert.deepEqual(second.body, first.body)
  assert.deepEqual(await listMessages(ada, id), [first.body.stored])
})

test('a refusal for good is told from a failure', async () => {
  const { ada, id } = await friends()
  const [eve] = await people('eve')
  assert.ok(eve)
  const say = (body: string) => sends(ada, `/c/${id}`, { body })
  assert.deepEqual((await say('x'.repeat(4001))).body, { refusal: 'A message has at most 4,000 characters.' })
  assert.ok((await say('x'.repeat(2 ** 20))).body.refusal)
  assert.ok((await sends(ada, `/c/${id}`, '{')).body.refusal)
  assert.deepEqual((await sends(eve, `/c/${id}`, { body: 'hi' })).body, {
    refusal: 'There is no such conversation.',
  })
  assert.deepEqual(await listMessages(ada, id), [])
})

test('nothing is sent as somebody else, signed out, or from another site', async () => {
  const { ada, bob, id } = await friends()
  const path = `/c/${id}`
  const message = { body: 'hi' }
  assert.deepEqual((await sends(ada, path, message, { 'parley-user': bob.id })).body, { isSignedOut: true })
  assert.deepEqual((await sends(ada, path, message, { cookie: '' })).body, { isSignedOut: true })
  assertProblem(await sends(ada, path, message, { 'parley-user': '' }), 400)
  assert.equal((await sends(ada, path, message, { origin: 'https://evil.example' })).status, 403)
  assert.deepEqual(await listMessages(ada, id), [])
})

test('sending into a room joins it', async () => {
  const [ada] = await people('ada')
  assert.ok(ada)
  const { body } = await sends(ada, `/room/tea-${unique()}`, { body: 'hello' })
  assert.equal(body.stored.seq, 1)
  assert.equal((await listMessages(ada, body.stored.conversationId)).length, 1)
})
