import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { apiDocument } from '@/app/api/openapi/document'
import { cookieOf } from '@/testing/cookies'
import { assertProblem, request } from '@/testing/http'
import { friends, person, socketId, withSession } from '@/testing/people'

const id = '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f'

/** Every path of the API, with the methods that it takes. */
const paths = Object.entries(apiDocument().paths).map(([path, operations]) => ({
  path: path.replace('{id}', id).replace('{name}', 'lobby?timeout=1'),
  methods: Object.keys(operations).map((method) => method.toUpperCase()),
}))
const open = [
  '/api/register',
  '/api/login',
  '/api/session',
  '/api/realtime/webhook',
  '/api/health',
  '/api/metrics',
  '/api/openapi.json',
  '/api/docs',
]
const guarded = paths.filter(({ path }) => !open.includes(path))

for (const { path, methods } of paths)
  test(`${path} takes ${methods.join(' and ')}, and any other method is 405`, async () => {
    const { token } = await person()
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
      (name) => !methods.includes(name),
    )) {
      const answer = await request(path, { method, token })
      assertProblem(answer, 405)
      assert.equal(answer.headers.get('allow'), methods.join(', '))
    }
    assert.notEqual((await request(path, { method: methods[0], token })).status, 405)
  })

test('an unknown path is a 404 problem, with any method and with or without a token', async () => {
  const { token } = await person()
  for (const path of ['/api/nothing', '/api/users/1/2', '/api/me/', '/api/conversations'])
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await request(path, { method })
      if (answer.status === 308) continue
      assertProblem(answer, 404)
      assertProblem(await request(path, { method, token }), 404)
    }
})

test('/api alone is a 404 problem too', async () => {
  assertProblem(await request('/api'), 404)
})

for (const { path, methods } of guarded)
  test(`${path} is 401 without a token and with an invalid one`, async () => {
    const ended = await person('gone')
    assert.equal((await ended.request('/api/logout', { method: 'POST' })).status, 204)
    for (const method of methods)
      for (const authorization of [
        undefined,
        '',
        'Bearer',
        'Bearer x',
        `Basic ${ended.token}`,
        ended.token,
        `Bearer ${ended.token}`,
        `Bearer ${ended.token} x`,
        `Bearer ${'x'.repeat(4000)}`,
        `Bearer ${ended.loginSessionId}`,
      ]) {
        const answer = await request(path, {
          method,
          headers: authorization === undefined ? {} : { authorization },
        })
        assertProblem(answer, 401)
        assert.equal(answer.headers.get('www-authenticate'), 'Bearer')
      }
  })

test("a browser's cookie is accepted for its socket alone", async () => {
  const ada = await person()
  const cookie = await cookieOf(ada)
  const body = { socket_id: socketId(), channel_name: `private-user-${ada.id}` }
  const socket = await request('/api/realtime/auth', { body, headers: { cookie } })
  assert.equal(socket.status, 200, 'the cookie is valid')
  for (const { path, methods } of guarded)
    if (path !== '/api/realtime/auth')
      for (const method of methods) assertProblem(await request(path, { method, headers: { cookie } }), 401)
})

test('logging out ends one login session and no other', async () => {
  const ada = await person()
  const other = await withSession(ada)
  assert.equal((await ada.request('/api/logout', { method: 'POST' })).status, 204)
  assertProblem(await ada.request('/api/me'), 401)
  assert.equal((await other.request('/api/me')).status, 200)
})

test('health says what works', async () => {
  const { status, body } = await request('/api/health')
  assert.equal(status, 200)
  assert.deepEqual(body, { site: 'ok', database: 'ok', realtime: 'ok' })
})

test('a webhook without the signature of Soketi is 401, and one with it is 204', async () => {
  const { SOKETI_APP_KEY: key = '', SOKETI_APP_SECRET: secret = '' } = process.env
  const text = JSON.stringify({ time_ms: Date.now(), events: [{ name: 'channel_occupied', channel: 'x' }] })
  const sign = (by: string) => createHmac('sha256', by).update(text).digest('hex')
  const send = (headers: Record<string, string>) => request('/api/realtime/webhook', { body: text, headers })
  assertProblem(await send({}), 401)
  assertProblem(await send({ 'x-pusher-key': key }), 401)
  assertProblem(await send({ 'x-pusher-key': key, 'x-pusher-signature': sign('wrong') }), 401)
  assertProblem(await send({ 'x-pusher-key': 'other', 'x-pusher-signature': sign(secret) }), 401)
  const { status, text: answer } = await send({ 'x-pusher-key': key, 'x-pusher-signature': sign(secret) })
  assert.deepEqual([status, answer], [204, ''])
})

test("another's conversation is the same 404 as one that does not exist", async () => {
  const { id: theirs } = await friends()
  const eve = await person('eve')
  const say = (id: string) => eve.request(`/api/conversations/${id}/messages`, { body: { body: 'hi' } })
  for (const tell of [
    say,
    (id: string) => eve.request(`/api/conversations/${id}/messages`),
    (id: string) => eve.request(`/api/conversations/${id}/messages?after=0`),
    (id: string) => eve.request(`/api/conversations/${id}/read`, { body: { seq: 1 } }),
  ]) {
    const [one, other, third] = [await tell(theirs), await tell(id), await tell('no-id')]
    for (const answer of [one, other, third]) assertProblem(answer, 404)
    assert.equal(one.text, other.text)
    assert.equal(one.text, third.text)
  }
})

test('a body that is not JSON, or not UTF-8, is 400; one beyond a megabyte is 413', async () => {
  const { token } = await person()
  for (const body of ['', '{', 'username=ada', '{"username":"ada",}']) {
    assertProblem(await request('/api/invitations', { token, body, method: 'POST' }), 400)
    assertProblem(await request('/api/login', { body, method: 'POST' }), 400)
  }
  assertProblem(await request('/api/login', { body: JSON.stringify({ username: 'x'.repeat(2 ** 21) }) }), 413)
})
