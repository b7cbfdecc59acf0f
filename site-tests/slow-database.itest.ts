import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { cookieOf, readForms } from '@/testing/browser'
import { conversationOf, person, type TestPerson } from '@/testing/people'
import { type Answer, ask, assertProblem, siteUrl } from '@/testing/site'
import { whileLocked } from '@/testing/slow'

// Somebody else holds what a request needs, for longer than a statement may wait.

let ada: TestPerson
let cookie: string
before(async () => {
  ada = await person()
  cookie = await cookieOf(ada)
})

const opens = (path: string) => ask(path, { headers: { cookie } })

function assertSaid({ status, text }: Pick<Answer, 'status' | 'text'>) {
  assert.equal(status, 200, text)
  assert.match(text, /role="alert"[^>]*>This took too long\. Try again in a moment\./)
}

test('the API answers 503 and when to try again; pages say so; and others are not held up', async () => {
  const bob = await person('bob')
  const id = await conversationOf(ada, bob)
  const [called, ...pages] = await whileLocked(ada, async () => {
    const calling = ask('/api/me', { token: ada.token })
    await sleep(100)
    const others = ask('/api/me', { token: bob.token })
    assert.equal((await Promise.race([others, calling])).status, 200)
    const paths = ['/', '/people', '/rooms', '/invitations', '/settings', '/login', '/room/lobby', `/c/${id}`]
    return Promise.all([calling, ...paths.map(opens)])
  })
  assert.ok(called)
  assertProblem(called, 503)
  assert.match(called.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  pages.forEach(assertSaid)
  assert.equal((await ask('/api/me', { token: ada.token })).status, 200, 'and then all is well')
})

test('a form says so as well', async () => {
  const settings = readForms((await opens('/settings')).text).find(({ button }) => button === 'Save')
  assert.ok(settings)
  const body = new FormData()
  for (const [name, value] of Object.entries(settings.fields)) body.set(name, value)
  const sending = whileLocked(ada, async () => {
    const answer = fetch(new URL('/settings', siteUrl()), { method: 'POST', headers: { cookie }, body })
    await sleep(8000)
    return { answer }
  })
  const answer = await (await sending).answer
  assertSaid({ status: answer.status, text: await answer.text() })
})
