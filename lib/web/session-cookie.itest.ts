import assert from 'node:assert/strict'
import { mock, test } from 'node:test'
import { encode } from 'next-auth/jwt'
import { endLoginSession } from '@/lib/login-sessions'
import { cookieOf } from '@/testing/cookies'
import { person } from '@/testing/people'
import { readSessionCookie, userOf } from './session-cookie'

const asking = (cookie: string, others: Record<string, string> = {}) => new Headers({ cookie, ...others })
const dayMs = 24 * 60 * 60 * 1000

test('a cookie says who asks, and the request from which address', async () => {
  const ada = await person()
  const cookie = `a=1; ${await cookieOf(ada)}; parley.session.b=2`
  for (const address of ['203.0.113.7', '2001:db8::7']) {
    const user = await userOf(asking(cookie, { 'x-forwarded-for': address }))
    assert.deepEqual([user?.id, user?.loginSessionId, user?.address], [ada.id, ada.loginSessionId, address])
  }
})

test('nobody is signed in by a faulty cookie, by one of another secret, or after the login session ended', async () => {
  const ada = await person()
  const cookie = await cookieOf(ada)
  const token = { sub: ada.id, loginSessionId: ada.loginSessionId }
  const foreign = await encode({ token, secret: 'x'.repeat(32), salt: 'parley.session' })
  const secure = await cookieOf(ada, '__Host-parley.session')
  for (const faulty of [
    '',
    'parley.session=',
    'parley.session=x',
    `parley.session=${foreign}`,
    secure,
    `${cookie}x`,
  ])
    assert.equal(await userOf(asking(faulty)), undefined, faulty)
  assert.equal((await userOf(asking(secure, { 'x-forwarded-proto': 'https' })))?.id, ada.id)
  assert.equal(await userOf(asking(cookie, { 'x-forwarded-proto': 'https' })), undefined)
  assert.ok(await userOf(asking(cookie)))
  await endLoginSession(ada, ada.loginSessionId)
  assert.equal(await userOf(asking(cookie)), undefined)
})

test('a cookie that was read before it expired is not accepted afterwards', async () => {
  const ada = await person()
  const headers = asking(await cookieOf(ada))
  const known = { userId: ada.id, loginSessionId: ada.loginSessionId }
  assert.deepEqual(await readSessionCookie(headers), known)
  const now = Date.now()
  // Without a time of its own, next-auth lets it live for 30 days.
  for (const [days, expected] of [
    [29, known],
    [31, undefined],
  ] as const) {
    mock.timers.enable({ apis: ['Date'], now: now + days * dayMs })
    assert.deepEqual(await readSessionCookie(headers), expected)
    mock.timers.reset()
  }
})
