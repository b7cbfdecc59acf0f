import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertProblem, isoTime, request } from '@/testing/http'
import { onlinePerson, person, unique } from '@/testing/people'

const password = 'correct horse'
const uuid = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

const register = (fields: object) => request('/api/register', { body: { password, ...fields } })
const logIn = (username: unknown, password: unknown) =>
  request('/api/login', { body: { username, password } })
const me = (token: string) => request('/api/me', { token })

test('registering answers with the account and a token that works', async () => {
  const username = `Ada.${unique()}`
  const { status, headers, body } = await register({
    username,
    firstName: 'Ada',
    lastName: 'Lovelace',
    gender: 2,
  })
  assert.equal(status, 200)
  assert.match(headers.get('content-type') ?? '', /^application\/json/)
  assert.deepEqual(Object.keys(body).sort(), ['token', 'user'])
  const { id, status: presence, lastSeenAt, ...names } = body.user
  assert.match(id, uuid)
  assert.deepEqual(names, { username, name: 'Ada Lovelace' })
  assert.ok(['online', 'offline'].includes(presence))
  assert.ok(lastSeenAt === null || isoTime.test(lastSeenAt))
  assert.equal((await me(body.token)).body.user.id, id)
})

test('a person without a name is shown by the username', async () => {
  const username = `ada_${unique()}`
  const { body } = await register({ username, firstName: '', lastName: null })
  assert.equal(body.user.name, username)
})

test('a taken username is 409, regardless of case', async () => {
  const taken = await person('bob')
  for (const username of [taken.username, taken.username.toUpperCase()])
    assertProblem(await register({ username }), 409, ['username'])
})

test('faulty fields are 422, each with a sentence', async () => {
  const answer = await register({ username: 'a b', password: 'short', firstName: 'x'.repeat(65), gender: 5 })
  assertProblem(answer, 422, ['username', 'password', 'firstName', 'gender'])
  for (const sentence of Object.values(answer.body.errors)) assert.match(String(sentence), /^[A-Z].*\.$/)
  assertProblem(await request('/api/register', { body: {} }), 422, ['username', 'password'])
})

test('a password of more than 72 bytes is refused, not truncated', async () => {
  const username = `ada-${unique()}`
  assertProblem(await register({ username, password: 'x'.repeat(73) }), 422, ['password'])
  assert.equal((await register({ username, password: 'é'.repeat(36) })).status, 200)
  assertProblem(await logIn(username, `${'é'.repeat(36)}x`), 401)
  assert.equal((await logIn(username, 'é'.repeat(36))).status, 200)
})

test('logging in answers with a token and the user, who is online', async () => {
  const username = `ada-${unique()}`
  await register({ username })
  const { status, body } = await logIn(username.toUpperCase(), password)
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body).sort(), ['token', 'user'])
  assert.equal(body.user.username, username)
  assert.equal(body.user.status, 'online')
  assert.match(body.user.lastSeenAt, isoTime)
  assert.equal((await me(body.token)).status, 200)
  assertProblem(await logIn(username, 'wrong password'), 401)
})

test('logging in is 400 for an unknown username and for a guest, who has no password', async () => {
  const guest = await person('guest', { isGuest: true })
  for (const username of [`nobody-${unique()}`, guest.username])
    assertProblem(await logIn(username, password), 400)
})

test('a login without its fields is 422', async () => {
  assertProblem(await request('/api/login', { body: {} }), 422, ['username', 'password'])
  assertProblem(await logIn(7, ['x']), 422, ['username', 'password'])
  assertProblem(await request('/api/login', { body: '{"username":' }), 400)
})

test('logging out revokes that token and no other', async () => {
  const username = `ada-${unique()}`
  const { body: first } = await register({ username })
  const { body: second } = await logIn(username, password)
  assert.notEqual(first.token, second.token)
  const { status, text } = await request('/api/logout', { method: 'POST', token: first.token })
  assert.deepEqual([status, text], [204, ''])
  assertProblem(await me(first.token), 401)
  assertProblem(await request('/api/logout', { method: 'POST', token: first.token }), 401)
  assert.equal((await me(second.token)).status, 200)
})

test('/api/me has everything that logging in loads', async () => {
  const ada = await onlinePerson('ada')
  const { status, body } = await ada.request('/api/me')
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body).sort(), [
    'conversations',
    'invitations',
    'nextCursor',
    'realtime',
    'user',
  ])
  assert.equal(body.user.id, ada.id)
  assert.equal(body.user.status, 'online')
  assert.deepEqual(body.conversations, [])
  assert.deepEqual(body.invitations, { received: [], sent: [] })
  assert.deepEqual(Object.keys(body.realtime).sort(), ['key', 'url'])
  assert.equal(body.realtime.key, process.env.SOKETI_APP_KEY)
  assert.equal(new URL(body.realtime.url).port, new URL(String(process.env.SOKETI_URL)).port)
})

test('no answer has a password, its hash or a stored token', async () => {
  const ada = await person('ada')
  for (const path of ['/api/me', '/api/users'])
    assert.doesNotMatch((await ada.request(path)).text, /hash|password|token/i)
})
