import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertProblem, isoTime } from '@/testing/http'
import { friends, person, say, type TestPerson, unique } from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { messageView } from '@/testing/views'
import { leaveRoom } from './attendance'
import { blockPerson, unblockPerson } from './blocking'
import { toNewest } from './message-rows'
import { sendMessage } from './messages'
import { joinRoom } from './rooms'

type Sent = { seq: number; body: string }
const emoji = '😀'

const send = (by: TestPerson, id: string, fields: object) =>
  by.request(`/api/conversations/${id}/messages`, { body: fields })
const list = (by: TestPerson, id: string, query = '') =>
  by.request(`/api/conversations/${id}/messages${query}`)
const seqs = async (by: TestPerson, id: string, query = '') =>
  (await list(by, id, query)).body.messages.map(({ seq }: Sent) => seq)
const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('sending is a 201 with the whole message, which the history shows the same', async () => {
  const { ada, bob, id } = await friends()
  const { status, body } = await send(ada, id, { body: 'Good morning', nonce: 'n1' })
  assert.equal(status, 201)
  const { id: messageId, createdAt } = body
  assert.ok(messageId)
  assert.match(createdAt, isoTime)
  assert.ok(Math.abs(Date.now() - Date.parse(createdAt)) < 60_000)
  const sender = { id: ada.id, username: ada.username, name: ada.name }
  const fields = { id: messageId, conversationId: id, sender, body: 'Good morning', nonce: 'n1', createdAt }
  assert.deepEqual(body, messageView(1, fields))
  const page = { messages: [body], changed: [], version: 0, firstSeq: 1, more: false }
  for (const reader of [ada, bob]) assert.deepEqual((await list(reader, id)).body, page)
})

test('a known nonce is a 200 with its message, whatever body is sent with it', async () => {
  const { ada, id } = await friends()
  const first = await send(ada, id, { body: 'once', nonce: 'n' })
  for (const text of ['once', 'something else']) {
    const again = await send(ada, id, { body: text, nonce: 'n' })
    assert.equal(again.status, 200)
    assert.deepEqual(again.body, first.body)
  }
  assert.deepEqual(await seqs(ada, id), [1])
})

test('a nonce belongs to one sender and one conversation', async () => {
  const { ada, bob, id } = await friends()
  const { ada: other, id: otherId } = await friends()
  for (const [by, to] of [
    [ada, id],
    [bob, id],
    [other, otherId],
  ] as const)
    assert.equal((await send(by, to, { body: 'hi', nonce: 'n' })).status, 201)
  assert.deepEqual(await seqs(ada, id), [1, 2])
})

test('each send without a nonce is a new message with a new nonce', async () => {
  const { ada, id } = await friends()
  const [one, other] = [await send(ada, id, { body: 'hi' }), await send(ada, id, { body: 'hi', nonce: null })]
  assert.deepEqual([one.status, other.status], [201, 201])
  assert.ok(one.body.nonce)
  assert.notEqual(one.body.nonce, other.body.nonce)
})

test('a body is stored unchanged, except for CRLF', async () => {
  const { ada, id } = await friends()
  for (const [sent, stored = sent] of [
    [emoji.repeat(4000)],
    ['one\r\ntwo\r\n', 'one\ntwo\n'],
    ['\tindented\n\n  spaced  '],
    ['<script>alert(1)</script> &amp; %00 \\0 \u202e'],
  ] as [string, string?][]) {
    const { status, body } = await send(ada, id, { body: sent })
    assert.equal(status, 201)
    assert.equal(body.body, stored)
    assert.equal((await list(ada, id, '?limit=1')).body.messages[0].body, stored)
  }
})

test('a malformed message is a 422 that names the field, and nothing is stored', async () => {
  const { ada, id } = await friends()
  for (const body of [
    '',
    ' \n\t',
    'x'.repeat(4001),
    emoji.repeat(4001),
    'a\0b',
    'a\x1bb',
    'a\rb',
    '\ud800',
    null,
    5,
    {},
  ])
    assertProblem(await send(ada, id, { body, nonce: 'n' }), 422, ['body'])
  for (const nonce of ['', 'x'.repeat(65), 7, {}, 'a\0'])
    assertProblem(await send(ada, id, { body: 'fine', nonce }), 422, ['nonce'])
  assertProblem(await send(ada, id, { nonce: {} }), 422, ['body', 'nonce'])
  assert.deepEqual(await seqs(ada, id), [])
  assert.equal((await send(ada, id, { body: 'fine', nonce: 'n' })).body.seq, 1, 'the numbers begin at 1')
})

test('history comes in pages of fifty, newest page first, each in order', async () => {
  const { ada, bob, id } = await friends()
  for (let seq = 1; seq <= 120; seq++) await say(seq % 2 ? ada : bob, id, `message ${seq}`)
  assert.deepEqual(await seqs(ada, id), span(71, 120))
  assert.deepEqual(await seqs(ada, id, '?before=71'), span(21, 70))
  assert.deepEqual(await seqs(ada, id, '?before=21'), span(1, 20))
  assert.deepEqual(await seqs(ada, id, '?before=1'), [])
  assert.deepEqual(await seqs(ada, id, '?before=0'), [])
  assert.deepEqual(await seqs(ada, id, '?after=0'), span(1, 50))
  assert.deepEqual(await seqs(ada, id, '?after=115'), span(116, 120))
  assert.deepEqual(await seqs(ada, id, '?after=120'), [])
  assert.deepEqual(await seqs(ada, id, '?after=9999'), [])
  assert.deepEqual(await seqs(ada, id, '?limit=3'), [118, 119, 120])
  assert.deepEqual(await seqs(ada, id, '?after=10&limit=100'), span(11, 110))
  assert.deepEqual(await seqs(ada, id, '?after=10&before=14'), [11, 12, 13])
  assert.deepEqual(await seqs(ada, id, '?before=&after=&limit='), span(71, 120), 'empty is not given')
})

test('malformed bounds are a 422 that names the field', async () => {
  const { ada, id } = await friends()
  for (const name of ['before', 'after'])
    for (const value of ['x', '-1', '1.5', 'NaN', 'Infinity', '1e30', '9007199254740993', '%00'])
      assertProblem(await list(ada, id, `?${name}=${value}`), 422, [name])
  for (const value of ['0', '-1', '101', '1.5', 'all', '1e9'])
    assertProblem(await list(ada, id, `?limit=${value}`), 422, ['limit'])
  assertProblem(await list(ada, id, '?limit=x&before=y&after=z'), 422, ['limit', 'before', 'after'])
})

test('fifty simultaneous sends get seq 1 to 50 without a gap', async () => {
  const { ada, bob, id } = await friends()
  const sent = await Promise.all(span(1, 50).map((number) => say(number % 2 ? ada : bob, id, `${number}`)))
  assert.deepEqual(
    sent.map(({ seq }) => seq).sort((one, other) => one - other),
    span(1, 50),
  )
  const { messages } = (await list(ada, id)).body
  assert.deepEqual(
    messages.map(({ seq }: Sent) => seq),
    span(1, 50),
  )
  for (const message of messages)
    assert.deepEqual(
      message,
      sent.find(({ seq }) => seq === message.seq),
    )
  const times = messages.map(({ createdAt }: { createdAt: string }) => createdAt)
  assert.deepEqual(times, [...times].sort(), 'times follow the order')
})

test('simultaneous sends into many conversations keep each in order', async () => {
  const all = await Promise.all(span(1, 5).map(() => friends()))
  await Promise.all(all.flatMap(({ ada, bob, id }) => span(1, 10).map((n) => say(n % 2 ? ada : bob, id))))
  for (const { ada, id } of all) assert.deepEqual(await seqs(ada, id), span(1, 10))
})

test('a nonce sent ten times at the same time is one message', async () => {
  for (let round = 0; round < 10; round++) {
    const { ada, id } = await friends()
    const answers = await Promise.all(span(1, 10).map(() => send(ada, id, { body: 'once', nonce: 'n' })))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [...Array(9).fill(200), 201])
    assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1)
    assert.deepEqual(await seqs(ada, id), [1])
    assert.equal((await send(ada, id, { body: 'next' })).body.seq, 2)
  }
})

test('only members of a conversation can read it or send into it', async () => {
  const { ada, id } = await friends()
  const eve = await person('eve')
  await say(ada, id, 'secret')
  assertProblem(await list(eve, id), 404)
  assertProblem(await send(eve, id, { body: 'hi' }), 404)
  assert.deepEqual(await seqs(ada, id), [1])
})

test('the newest message of a list is cut to 200 characters, without splitting one', () => {
  const sender = { id: 'id', username: 'ada', name: 'Ada' }
  const cut = (body: string) => toNewest(messageView(1, { sender, body })).body
  for (const body of ['short', 'x'.repeat(200), emoji.repeat(200)]) assert.equal(cut(body), body)
  assert.equal(cut('x'.repeat(201)), 'x'.repeat(200))
  assert.equal(cut(emoji.repeat(4000)), emoji.repeat(200))
  assert.equal(cut(`x${emoji.repeat(4000)}`), `x${emoji.repeat(199)}`)
})

const draft = (nonce?: string) => ({ body: 'hello', nonce })

test('a known nonce works in a closed conversation too, and uses no seq', async () => {
  const { ada, bob, id } = await friends()
  const first = await sendMessage(ada, id, draft('n'))
  await blockPerson(bob, ada.id)
  assert.deepEqual(await sendMessage(ada, id, draft('n')), { message: first.message, isNew: false })
  for (const one of [ada, bob]) await assert.rejects(sendMessage(one, id, draft('new')), refusedWith(403))
  await unblockPerson(bob, ada.id)
  for (const nonce of ['n', 'n', 'n']) await sendMessage(ada, id, draft(nonce))
  assert.equal((await sendMessage(bob, id, draft('new'))).message.seq, 2)
})

test('simultaneous new, repeated and refused sends leave no gap', async () => {
  const { ada, bob, id } = await friends()
  const eve = await person('eve')
  const outcomes = await Promise.allSettled(
    span(1, 60).map((number) => sendMessage([ada, bob, eve][number % 3] ?? ada, id, draft(`${number % 20}`))),
  )
  const refusals = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  assert.equal(refusals.length, 20)
  assert.ok(refusals.every(refusedWith(404)))
  assert.deepEqual(await seqs(ada, id), span(1, 40))
})

test('after leaving a room a person can neither send nor repeat a send there', async () => {
  const [ada, bob] = await Promise.all([person(), person('bob')])
  const room = await joinRoom(ada, { name: `room-${unique()}` })
  await joinRoom(bob, room)
  await sendMessage(ada, room.id, draft('n'))
  await leaveRoom(ada, room.id)
  for (const nonce of ['n', 'new'])
    await assert.rejects(sendMessage(ada, room.id, draft(nonce)), refusedWith(404))
})
