import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { cookieOf } from '@/testing/cookies'
import { findForm, postForm } from '@/testing/forms'
import { assertProblem, type HttpResponse, request } from '@/testing/http'
import { whileSessionLocked } from '@/testing/locks'
import { conversationOf, person, type TestPerson } from '@/testing/people'

// Somebody else holds what a request needs, for longer than a statement may wait.

let ada: TestPerson
let cookie: string
before(async () => {
  ada = await person()
  cookie = await cookieOf(ada)
})

const opens = (path: string) => request(path, { headers: { cookie } })

function assertSaid({ status, text }: HttpResponse) {
  assert.equal(status, 200, text)
  assert.match(text, /role="alert"[^>]*>This took too long\. Try again in a moment\./)
}

test('the API answers 503 and when to try again; pages say so; and others are not held up', async () => {
  const bob = await person('bob')
  const id = await conversationOf(ada, bob)
  const [called, ...pages] = await whileSessionLocked(ada, async () => {
    const calling = request('/api/me', { token: ada.token })
    await sleep(100)
    const others = request('/api/me', { token: bob.token })
    assert.equal((await Promise.race([others, calling])).status, 200)
    const paths = ['/', '/people', '/rooms', '/invitations', '/settings', '/login', '/room/lobby', `/c/${id}`]
    return Promise.all([calling, ...paths.map(opens)])
  })
  assert.ok(called)
  assertProblem(called, 503)
  assert.match(called.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  pages.forEach(assertSaid)
  assert.equal((await request('/api/me', { token: ada.token })).status, 200, 'and then all is well')
})

test('a form says so as well', async () => {
  const { fields } = findForm((await opens('/settings')).text, 'Save')
  const sending = whileSessionLocked(ada, async () => {
    const response = postForm('/settings', fields, { headers: { cookie } })
    await sleep(8000)
    return { response }
  })
  assertSaid(await (await sending).response)
})
