import assert from 'node:assert/strict'
import { test } from 'node:test'
import { getConversation } from '@/lib/conversations'
import { loadOverview } from '@/lib/overview'
import type { ConversationView } from '@/lib/views'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { assertProblem, type RequestOptions, request } from '@/testing/http'
import { friends, person, say, type TestPerson } from '@/testing/people'

const load = async (reader: TestPerson, open = '') =>
  request(`/overview?open=${open}`, { headers: { cookie: await cookieOf(reader) } })

/** Reports as the script of a page does. */
const report = async (reader: TestPerson, receipts: unknown, headers: RequestOptions['headers'] = {}) =>
  request('/receipts', {
    body: { receipts },
    headers: { cookie: await cookieOf(reader), 'parley-user': reader.id, ...headers },
  })

const receiptOf = async (reader: TestPerson, id: string) => {
  const { receipts } = await getConversation(reader, id)
  const mine = receipts.find(({ userId }) => userId === reader.id)
  return [mine?.lastDeliveredSeq, mine?.lastReadSeq]
}

test('one request brings a page up to date, and marks its messages delivered', async () => {
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
  // People and receipts have changed since, because loading delivers messages and counts as being online.
  const shown = (views: ConversationView[]) =>
    views.map(({ people: _people, receipts: _receipts, ...view }) => view)
  assert.deepEqual(shown(overview.conversations), shown(conversations))
})

test('the overview leaves out conversations that are not requested or not the reader’s', async () => {
  const { id } = await friends()
  const eve = await person('eve')
  for (const open of ['', 'x', id, eve.id]) {
    const { status, body } = await load(eve, open)
    assert.deepEqual([status, body.open, body.conversations], [200, null, []])
  }
  for (const options of [{}, { token: eve.token }])
    assert.deepEqual((await request('/overview', options)).body, { isSignedOut: true })
})

test('a report moves the cursors of several conversations at once', async () => {
  const { ada, bob, id } = await friends()
  for (const body of ['one', 'two', 'three']) await say(ada, id, body)
  const { status, text } = await report(bob, [{ conversationId: id, delivered: 2, read: 1 }])
  assert.deepEqual([status, text], [200, '{}'])
  assert.deepEqual(await receiptOf(bob, id), [2, 1])
  await report(bob, [
    { conversationId: id, read: 9 },
    { conversationId: id, delivered: 1 },
  ])
  assert.deepEqual(await receiptOf(bob, id), [3, 3])
})

test('a report is accepted only from a page of the signed-in person', async () => {
  const { ada, bob, id } = await friends()
  await say(ada, id)
  const receipts = [{ conversationId: id, read: 1 }]
  assertProblem(await report(bob, receipts, { 'parley-user': '' }), 400)
  const others: RequestOptions['headers'][] = [{ 'parley-user': ada.id }, { cookie: '' }]
  for (const headers of others)
    assert.deepEqual((await report(bob, receipts, headers)).body, { isSignedOut: true })
  assert.equal((await report(bob, receipts, { origin: 'https://evil.example' })).status, 403)
  assert.deepEqual(await receiptOf(bob, id), [0, 0])
})

test('a faulty report is a 422 that names the field', async () => {
  const ada = await person()
  for (const receipts of [undefined, {}, [], Array.from({ length: 101 }, () => ({ conversationId: ada.id }))])
    assertProblem(await report(ada, receipts), 422, ['receipts'])
  assertProblem(await report(ada, [{ conversationId: 'x', read: -1 }]), 422, [
    'receipts.0.conversationId',
    'receipts.0.read',
  ])
  assertProblem(await report(ada, [{ conversationId: ada.id, read: 1 }]), 404)
})
