import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endLoginSession } from '@/lib/login-sessions'
import { cookieOf } from '@/testing/cookies'
import { request } from '@/testing/http'
import { person } from '@/testing/people'

test('next-auth knows a login session until it ends', async () => {
  const ada = await person()
  const headers = { cookie: await cookieOf(ada) }
  const session = async () => (await request('/api/auth/session', { headers })).body
  assert.ok((await session())?.expires)
  await endLoginSession(ada, ada.loginSessionId)
  assert.equal(await session(), null)
})
