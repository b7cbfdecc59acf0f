import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { cookieOf } from '@/testing/cookies'
import { findForm, postForm } from '@/testing/forms'
import { assertProblem, type HttpResponse, request } from '@/testing/http'
import { whileSessionLocked } from '@/testing/locks'
import { conversationOf, person, type TestPerson } from '@/testing/people'

// A lock blocks what a request needs, for longer than a statement may take.

let ada: TestPerson
let cookie: string
before(async () => {
  ada = await person()
  cookie = await cookieOf(ada)
})

const open = (path: string) => request(path, { headers: { cookie } })

function assertTimeoutAlert({ status, text }: HttpResponse) {
  assert.equal(status, 200, text)
  assert.match(text, /role="alert"[^>]*>This took too long\. Try again in a moment\./)
}

test('a timed-out statement becomes a 503 in the API and an alert on pages, and delays nobody else', async () => {
  const bob = await person('bob')
  const id = await conversationOf(ada, bob)
  const [apiResponse, ...pages] = await whileSessionLocked(ada, async () => {
    const waiting = request('/api/me', { token: ada.token })
    await sleep(100)
    const others = request('/api/me', { token: bob.token })
    assert.equal((await Promise.race([others, waiting])).status, 200)
    const paths = ['/', '/people', '/rooms', '/invitations', '/settings', '/login', '/room/lobby', `/c/${id}`]
    return Promise.all([waiting, ...paths.map(open)])
  })
  assert.ok(apiResponse)
  assertProblem(apiResponse, 503)
  assert.match(apiResponse.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  pages.forEach(assertTimeoutAlert)
  assert.equal(
    (await request('/api/me', { token: ada.token })).status,
    200,
    'it works again without the lock',
  )
})

test('a form shows the alert too', async () => {
  const { fields } = findForm((await open('/settings')).text, 'Save')
  const sending = whileSessionLocked(ada, async () => {
    const response = postForm('/settings', fields, { headers: { cookie } })
    await sleep(8000)
    return { response }
  })
  assertTimeoutAlert(await (await sending).response)
})
