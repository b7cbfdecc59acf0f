import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findByToken, listLoginSessions } from '@/lib/login-sessions'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { findForm, postForm } from '@/testing/forms'
import { request } from '@/testing/http'
import { account, password } from '@/testing/people'

test('logging in ends the login session that the browser had, and no other', async () => {
  const [ada, bob] = await Promise.all([account(), account('bob')])
  const { fields } = findForm((await request('/login')).text, 'Log in')
  const { status, headers } = await postForm(
    '/login',
    { ...fields, username: ada.username, password },
    { headers: { cookie: await cookieOf(bob) } },
  )
  assert.equal(status, 303)
  assert.match(String(headers.getSetCookie()), /parley\.session=[^;]{20,}/)
  await eventually(async () => !(await findByToken(bob.token)))
  const clients = (await listLoginSessions(ada)).map(({ client }) => client)
  assert.deepEqual(clients.sort(), ['api', 'browser'])
})
