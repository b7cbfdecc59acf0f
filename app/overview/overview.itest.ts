import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getConversation } from '@/lib/conversations'
import { loadOverview } from '@/lib/overview'
import type { ConversationView } from '@/lib/views'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { assertProblem, type RequestOptions, request } from '@/testing/http'
import { friends, person, say, type TestPerson } from '@/testing/people'

const load = async (who: TestPerson, open = '') =>
  request(`/overview?open=${open}`, { headers: { cookie: await cookieOf(who) } })

/** Reports as the script of a page does. */
const reports = async (who: TestPerson, receipts: unknown, headers: RequestOptions['headers'] = {}) =>
  request('/receipts', {
    body: { receipts },
    headers: { cookie: await cookieOf(who), 'parley-user': who.id, ...headers },
  })

const receiptOf = async (who: TestPerson, id: string) => {
  const { receipts } = await getConversation(who, id)
  const mine = receipts.find(({ userId }) => userId === who.id)
  return [mine?.lastDeliveredSeq, mine?.lastReadSeq]
}

test('a page comes up to date in one request, which delivers what was sent', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id)
  const { status, body } = await load(bob, id)
  assert.equal(status, 200)
  const { userId, loginSessionId, open, people, ...overview } = body
  assert.deepEqual([userId, loginSessionId], [bob.id, bob.loginSessionId])
  assert.deepEqual([open.id, open.lastSeq, open.people.length, people], [id, 1, 2, []])
  await eventually(async () => (await receiptOf(bob, id))[0] === 1)
  const { invitations, conversations } = await loadOverview(bob)
  assert.deepEqual(overview.invitations, invitations)
  // The one who loads was delivered to only afterwards, and is seen at another time.
  const shown = (views: ConversationView[]) =>
    views.map(({ people: _people, receipts: _receipts, ...view }) => view)
  assert.deepEqual(shown(overview.conversations), shown(conversations))
})

test('what is not asked for, or not the reader’s to see, is not there', async () => {
  const { id } = await friends()
  const eve = await person('eve')
  for (const open of ['', 'x', id, eve.id]) {
    const { status, body } = await load(eve, open)
    assert.deepEqual([status, body.open, body.conversations], [200, null, []])
  }
  for (const asked of [{}, { token: eve.token }])
    assert.deepEqual((await request('/overview', asked)).body, { isSignedOut: true })
})

test('a report moves the cursors of several conversations at once', async () => {
  const { ada, bob, id } = await friends()
  for (const body of ['one', 'two', 'three']) await say(ada, id, body)
  const { status, text } = await reports(bob, [{ conversationId: id, delivered: 2, read: 1 }])
  assert.deepEqual([status, text], [200, '{}'])
  assert.deepEqual(await receiptOf(bob, id), [2, 1])
  await reports(bob, [
    { conversationId: id, read: 9 },
    { conversationId: id, delivered: 1 },
  ])
  assert.deepEqual(await receiptOf(bob, id), [3, 3])
})

test('a report is taken only from a page of the signed-in person', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id)
  const receipts = [{ conversationId: id, read: 1 }]
  assertProblem(await reports(bob, receipts, { 'parley-user': '' }), 400)
  const others: RequestOptions['headers'][] = [{ 'parley-user': ada.id }, { cookie: '' }]
  for (const headers of others)
    assert.deepEqual((await reports(bob, receipts, headers)).body, { isSignedOut: true })
  assert.equal((await reports(bob, receipts, { origin: 'https://evil.example' })).status, 403)
  assert.deepEqual(await receiptOf(bob, id), [0, 0])
})

test('a faulty report is 422 at its field', async () => {
  const ada = await person()
  for (const receipts of [undefined, {}, [], Array.from({ length: 101 }, () => ({ conversationId: ada.id }))])
    assertProblem(await reports(ada, receipts), 422, ['receipts'])
  assertProblem(await reports(ada, [{ conversationId: 'x', read: -1 }]), 422, [
    'receipts.0.conversationId',
    'receipts.0.read',
  ])
  assertProblem(await reports(ada, [{ conversationId: ada.id, read: 1 }]), 404)
})
