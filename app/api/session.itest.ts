import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { assertProblem, type HttpResponse, request } from '@/testing/http'
import { onlinePerson, unique } from '@/testing/people'

const password = 'correct horse'
const session = (fields: unknown) => request('/api/session', { body: fields })
const logIn = (fields: object) => request('/api/login', { body: fields })

/** Checks that the answer has all fields of a session and a token that works. @returns its person */
async function assertSession({ status, body, text }: HttpResponse) {
  assert.equal(status, 200, text)
  assert.deepEqual(Object.keys(body).sort(), ['token', 'user'])
  assert.deepEqual(Object.keys(body.user).sort(), ['id', 'lastSeenAt', 'name', 'status', 'username'])
  assert.equal(body.user.status, 'online')
  const me = await request('/api/me', { token: body.token })
  assert.equal(me.body.user.id, body.user.id)
  return body.user as { id: string; username: string; name: string }
}

describe('POST /api/session', { concurrency: 4 }, () => {
  test('without fields: a new anonymous guest each time', async () => {
    const one = await assertSession(await session({}))
    const other = await assertSession(await session({}))
    assert.match(one.username, /^guest-/)
    assert.notEqual(one.id, other.id)
  })

  test('a free username: a temporary person without a password', async () => {
    const username = `Tem_${unique()}`
    const { username: got, name } = await assertSession(await session({ username }))
    assert.deepEqual([got, name], [username, username])
    assertProblem(await logIn({ username, password }), 400, ['username'])
  })

  test('a username that exists, without a password: 401', async () => {
    const ada = await onlinePerson()
    const tem = `tem-${unique()}`
    await assertSession(await session({ username: tem }))
    for (const username of [ada.username, ada.username.toUpperCase(), tem, tem.toUpperCase()])
      assertProblem(await session({ username }), 401)
  })

  test('a free name with a password: a new account, logged in', async () => {
    const username = `acc-${unique()}`
    const { id } = await assertSession(await session({ username, password }))
    assert.equal((await logIn({ username, password })).body.user.id, id)
  })

  test('an account’s name with its password: logged in; with another: 401', async () => {
    const username = `acc-${unique()}`
    const { body } = await request('/api/register', { body: { username, password } })
    for (const name of [username, username.toUpperCase()])
      assert.equal((await assertSession(await session({ username: name, password }))).id, body.user.id)
    for (const wrong of ['correct horsf', 'x', `${password}${'x'.repeat(80)}`])
      assertProblem(await session({ username, password: wrong }), 401)
  })

  test("a guest's name with a password: 401, and the guest stays a guest", async () => {
    const username = `tem-${unique()}`
    await assertSession(await session({ username }))
    assertProblem(await session({ username, password }), 401)
    assertProblem(await logIn({ username, password }), 400)
  })

  test('faulty fields: 422, by name', async () => {
    for (const username of ['', 'ab', 'a b', 'a/b', 'é'.repeat(5), 'x'.repeat(33), 'a\nb', 7, null, {}, []]) {
      assertProblem(await session({ username }), 422, ['username'])
      assertProblem(await session({ username, password }), 422, ['username'])
    }
    for (const faulty of ['', 'short', 'x'.repeat(73), 7, null, {}])
      assertProblem(await session({ username: `acc-${unique()}`, password: faulty }), 422, ['password'])
    assertProblem(await session({ password }), 422, ['username'])
  })

  test('any other JSON: 422; a body that isn’t JSON: 400', async () => {
    for (const body of [[], 7, null]) assertProblem(await session(body), 422)
    for (const body of ['{', 'username=ada']) assertProblem(await session(body), 400)
  })

  test('any other method: 405', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      const refused = await request('/api/session', { method })
      assertProblem(refused, 405)
      assert.equal(refused.headers.get('allow'), 'POST')
    }
  })

  test('of several requests for one name at once, one gets it and the others 401', async () => {
    const username = `tem-${unique()}`
    const all = await Promise.all(Array.from({ length: 6 }, () => session({ username })))
    const refused = all.filter(({ status }) => status !== 200)
    assert.equal(refused.length, 5)
    for (const answer of refused) assertProblem(answer, 401)
  })

  test('a free name with one password twice at once: one account, logged in twice', async () => {
    const username = `acc-${unique()}`
    const both = await Promise.all([1, 2].map(() => session({ username, password })))
    const [one, other] = await Promise.all(both.map(assertSession))
    assert.equal(one?.id, other?.id)
  })
})
