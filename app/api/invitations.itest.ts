import assert from 'node:assert/strict'
import { test } from 'node:test'
import { blockPerson, unblockPerson } from '@/lib/blocking'
import { assertProblem, type HttpResponse, isoTime } from '@/testing/http'
import { friends, onlinePerson, person, type TestPerson, unique } from '@/testing/people'

type Invited = Pick<TestPerson, 'username'>
const invite = (by: TestPerson, { username }: Invited, leave?: unknown) =>
  by.request('/api/invitations', { body: { username, leave } })
const answer = (by: TestPerson, id: string, answer: unknown) =>
  by.request(`/api/invitations/${id}`, { body: { answer } })
const invitationsOf = async (user: TestPerson) => (await user.request('/api/me')).body.invitations
const named = ({ id, username, name }: TestPerson) => ({ id, username, name })

async function invited() {
  const [ada, bob] = [await onlinePerson('ada'), await onlinePerson('bob', { firstName: 'Bob' })]
  const { status, body } = await invite(ada, bob)
  assert.equal(status, 201)
  return { ada, bob, id: body.id as string }
}

test('inviting a person who is online is 201 with the invitation, and both see it', async () => {
  const ada = await onlinePerson('ada')
  const bob = await onlinePerson('bob', { firstName: 'Bob', lastName: 'Builder' })
  const { status, body } = await invite(ada, bob)
  assert.equal(status, 201)
  const { id, createdAt, ...rest } = body
  assert.ok(id)
  assert.match(createdAt, isoTime)
  assert.deepEqual(rest, { status: 'pending', inviter: named(ada), invitee: named(bob), conversation: null })
  assert.deepEqual(await invitationsOf(ada), { received: [], sent: [body] })
  assert.deepEqual(await invitationsOf(bob), { received: [body], sent: [] })
})

test('the username is found regardless of case', async () => {
  const [ada, bob] = [await onlinePerson('ada'), await onlinePerson('bob')]
  assert.equal((await invite(ada, { username: bob.username.toUpperCase() })).status, 201)
})

test('inviting a person who is offline is 409, and creates no invitation', async () => {
  const [ada, bob] = [await onlinePerson('ada'), await person('bob')]
  const refused = await invite(ada, bob)
  assertProblem(refused, 409)
  assert.match(refused.body.detail, /is offline: no conversation can start now/)
  assert.deepEqual((await invitationsOf(ada)).sent, [])
})

test('an invitation can be left for a person who is offline', async () => {
  const [ada, bob] = [await onlinePerson('ada'), await person('bob')]
  const { status, body } = await invite(ada, bob, true)
  assert.equal(status, 201)
  assert.deepEqual((await invitationsOf(bob)).received, [body])
})

test('an unknown username is 404, with the username in the sentence', async () => {
  const ada = await onlinePerson('ada')
  for (const username of [`nobody-${unique()}`, '%', "x' or 1=1", '😀']) {
    const refused = await invite(ada, { username })
    assertProblem(refused, 404)
    assert.equal(refused.body.detail, `No one is called “${username}”.`)
  }
})

test('a second invitation is 409 with the pending one, whichever of the two sends it', async () => {
  const { ada, bob, id } = await invited()
  for (const [by, to] of [
    [ada, bob],
    [bob, ada],
  ] as const)
    for (const leave of [undefined, true]) {
      const refused = await invite(by, to, leave)
      assertProblem(refused, 409)
      assert.equal(refused.body.invitation.id, id)
    }
  assert.equal((await invitationsOf(ada)).sent.length, 1)
  assert.equal((await invitationsOf(ada)).received.length, 0)
})

test('inviting a person one has a conversation with is 409 with it, whichever of the two asks', async () => {
  const { ada, bob, id } = await friends()
  for (const [by, to] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    const refused = await invite(by, to, true)
    assertProblem(refused, 409)
    assert.deepEqual(refused.body.conversation, { id })
  }
})

test('inviting oneself is 403', async () => {
  const ada = await onlinePerson('ada')
  assertProblem(await invite(ada, ada), 403)
})

test('inviting a guest or a blocker is 403 with the same sentence, and guests cannot invite', async () => {
  const ada = await onlinePerson('ada')
  const guest = await onlinePerson('guest', { isGuest: true })
  const blocker = await onlinePerson('blocker')
  await blockPerson(blocker, ada.id)
  for (const invitee of [guest, blocker])
    for (const leave of [undefined, true]) {
      const refused = await invite(ada, invitee, leave)
      assertProblem(refused, 403)
      assert.equal(refused.body.detail, `${invitee.name} cannot be invited.`)
    }
  assertProblem(await invite(guest, ada), 403)
})

test('faulty fields are 422', async () => {
  const ada = await onlinePerson('ada')
  for (const username of [undefined, null, '', 7, {}, 'a\0b', 'a\nb', '\ud800'])
    assertProblem(await ada.request('/api/invitations', { body: { username } }), 422, ['username'])
  assertProblem(await invite(ada, ada, 'perhaps'), 422, ['leave'])
  assertProblem(await ada.request('/api/invitations', { body: [] }), 422)
})

test('accepting creates the conversation, and each sees it with the other’s name', async () => {
  const { ada, bob, id } = await invited()
  const { status, body } = await answer(bob, id, 'accept')
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body.conversation), ['id'])
  for (const [one, other] of [
    [ada, bob],
    [bob, ada],
  ] as const) {
    const { conversations, invitations } = (await one.request('/api/me')).body
    assert.deepEqual(invitations, { received: [], sent: [] })
    assert.equal(conversations.length, 1)
    const { people, ...conversation } = conversations[0]
    assert.deepEqual(conversation, {
      id: body.conversation.id,
      kind: 'direct',
      name: other.name,
      newest: null,
      unread: 0,
      mentions: 0,
      lastReadSeq: 0,
      version: 0,
      firstSeq: 1,
    })
    assert.deepEqual(people.map(({ id }: { id: string }) => id).sort(), [ada.id, bob.id].sort())
    for (const { status, lastSeenAt } of people) {
      assert.equal(status, 'online')
      assert.match(lastSeenAt, isoTime)
    }
  }
})

test('accepting again is 409 with the same conversation', async () => {
  const { bob, id } = await invited()
  const { body } = await answer(bob, id, 'accept')
  const again = await answer(bob, id, 'accept')
  assertProblem(again, 409)
  assert.deepEqual(again.body.conversation, body.conversation)
})

test('a rejected or withdrawn invitation can be followed by a new one', async () => {
  for (const [word, byInviter] of [
    ['reject', false],
    ['withdraw', true],
  ] as const) {
    const { ada, bob, id } = await invited()
    const { status, body } = await answer(byInviter ? ada : bob, id, word)
    assert.equal(status, 200)
    assert.equal(body.conversation, undefined)
    assert.deepEqual(await invitationsOf(ada), { received: [], sent: [] })
    assert.deepEqual(await invitationsOf(bob), { received: [], sent: [] })
    for (const late of ['accept', 'reject']) assertProblem(await answer(bob, id, late), 409)
    assertProblem(await answer(ada, id, 'withdraw'), 409)
    assert.equal((await invite(ada, bob)).status, 201)
  }
})

test('only the invitee accepts and rejects, and only the inviter withdraws', async () => {
  const { ada, bob, id } = await invited()
  const eve = await person('eve')
  const refused: HttpResponse[] = []
  for (const word of ['accept', 'reject', 'withdraw']) refused.push(await answer(eve, id, word))
  refused.push(
    await answer(ada, id, 'accept'),
    await answer(ada, id, 'reject'),
    await answer(bob, id, 'withdraw'),
  )
  for (const one of refused) assertProblem(one, 404)
  assert.equal((await invitationsOf(bob)).received.length, 1, 'it is still pending')
})

test('an unknown answer is 422, an unknown invitation 404', async () => {
  const { bob, id } = await invited()
  for (const word of [undefined, null, '', 'yes', 'ACCEPT', 7, ['accept']])
    assertProblem(await answer(bob, id, word), 422, ['answer'])
  for (const none of ['x', '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f', '%00', "'"])
    assertProblem(await answer(bob, none, 'accept'), 404)
})

test('blocking ends the pending invitation, which looks like an ordinary answer to the other person', async () => {
  const { ada, bob, id } = await invited()
  await blockPerson(bob, ada.id)
  assert.deepEqual(await invitationsOf(ada), { received: [], sent: [] })
  assert.deepEqual(await invitationsOf(bob), { received: [], sent: [] })
  const late = await answer(bob, id, 'accept')
  assertProblem(late, 409)
  const lateWithdrawal = await answer(ada, id, 'withdraw')
  assertProblem(lateWithdrawal, 409)
  assert.doesNotMatch(lateWithdrawal.text, /block/i)
  assert.equal((await ada.request('/api/me')).body.conversations.length, 0)
})

test('a closed conversation refuses both with 403 and the same sentence, until unblocked', async () => {
  const { ada, bob, id } = await friends()
  const say = (by: TestPerson, nonce?: string) =>
    by.request(`/api/conversations/${id}/messages`, { body: { body: 'hello', nonce } })
  assert.equal((await say(ada, 'before')).status, 201)
  await blockPerson(bob, ada.id)
  for (const by of [ada, bob]) {
    const refused = await say(by)
    assertProblem(refused, 403)
    assert.equal(refused.body.detail, 'This conversation is closed.')
  }
  assert.equal((await say(ada, 'before')).status, 200, 'the message that was sent before is still known')
  assert.equal((await ada.request(`/api/conversations/${id}/messages`)).body.messages.length, 1)
  await unblockPerson(bob, ada.id)
  for (const by of [ada, bob]) assert.equal((await say(by)).status, 201)
})

test('if both have blocked each other, the conversation is open again when both have unblocked', async () => {
  const { ada, bob, id } = await friends()
  await blockPerson(ada, bob.id)
  await blockPerson(bob, ada.id)
  await unblockPerson(ada, bob.id)
  const say = () => ada.request(`/api/conversations/${id}/messages`, { body: { body: 'hello' } })
  assertProblem(await say(), 403)
  await unblockPerson(bob, ada.id)
  assert.equal((await say()).status, 201)
})

test('no answer tells a blocked person of it', async () => {
  const { ada, bob, id } = await friends()
  await blockPerson(bob, ada.id)
  for (const path of ['/api/me', `/api/users?q=${bob.username}`, `/api/conversations/${id}/messages`]) {
    const { text } = await ada.request(path)
    assert.doesNotMatch(text.replaceAll('"isBlocked":false', ''), /block/i)
  }
  const [found] = (await bob.request(`/api/users?q=${ada.username}`)).body.users
  assert.equal(found.isBlocked, true, 'the blocker sees it')
})

test('a blocker has to unblock a person before inviting them', async () => {
  const [ada, bob] = [await onlinePerson('ada'), await onlinePerson('bob')]
  await blockPerson(ada, bob.id)
  assertProblem(await invite(ada, bob), 403)
  await unblockPerson(ada, bob.id)
  assert.equal((await invite(ada, bob)).status, 201)
})
