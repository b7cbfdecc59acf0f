import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { drafts } from '@/db/schema'
import { conversationOf, friends, people, unique } from '@/testing/people'
import { discardDraft, findDraft, keepDraft, removeOldDrafts } from './drafts'
import { joinRoom } from './rooms'

const nonce = 'n'
const countOf = (userId: string) => database().$count(drafts, eq(drafts.userId, userId))

test('a draft is found by its id, person and conversation until it is discarded', async () => {
  const { ada, bob, id: conversationId } = await friends()
  const id = (await keepDraft(ada.id, { conversationId, body: 'a\r\nb', nonce })) ?? ''
  assert.deepEqual(await findDraft(ada, conversationId, id), { id, body: 'a\nb', nonce })
  assert.equal(await findDraft(bob, conversationId, id), undefined)
  assert.equal(await findDraft(ada, randomUUID(), id), undefined)
  assert.equal(await findDraft(ada, conversationId, randomUUID()), undefined)
  assert.equal(await findDraft(ada, conversationId, 'x'), undefined)
  await discardDraft(bob, id)
  assert.ok(await findDraft(ada, conversationId, id))
  await discardDraft(ada, id)
  assert.equal(await findDraft(ada, conversationId, id), undefined)
})

test('a person has one draft for each conversation, and a new one replaces it', async () => {
  const { ada, bob, id: conversationId } = await friends()
  await keepDraft(bob.id, { conversationId, body: 'bob’s', nonce })
  const first = (await keepDraft(ada.id, { conversationId, body: 'first', nonce })) ?? ''
  const second = (await keepDraft(ada.id, { conversationId, body: 'second', nonce: 'm' })) ?? ''
  assert.equal(await findDraft(ada, conversationId, first), undefined)
  assert.deepEqual(await findDraft(ada, conversationId, second), { id: second, body: 'second', nonce: 'm' })
  assert.deepEqual([await countOf(ada.id), await countOf(bob.id)], [1, 1])
})

test('no draft is kept that is empty, too large, or for another person’s conversation', async () => {
  const { ada, id: conversationId } = await friends()
  const [eve] = await people('eve')
  for (const input of [
    { conversationId, body: ' \n', nonce },
    { conversationId, body: 'x'.repeat(100_001), nonce },
    { conversationId: randomUUID(), body: 'x', nonce },
    { conversationId: 'x', body: 'x', nonce },
    { conversationId, nonce },
    undefined,
  ])
    assert.equal(await keepDraft(ada.id, input), undefined, JSON.stringify(input)?.slice(0, 80))
  assert.equal(await keepDraft(eve?.id ?? '', { conversationId, body: 'x', nonce }), undefined)
  assert.equal(await keepDraft('x', { conversationId, body: 'x', nonce }), undefined)
  assert.equal(await keepDraft(randomUUID(), { conversationId, body: 'x', nonce }), undefined)
})

test('a draft keeps characters that a message may not have, if they can be stored', async () => {
  const { ada, id: conversationId } = await friends()
  const id = (await keepDraft(ada.id, { conversationId, body: 'a\0b\ud800\u0001', nonce: '' })) ?? ''
  const draft = await findDraft(ada, conversationId, id)
  assert.equal(draft?.body, 'ab\ufffd\u0001')
  assert.match(draft?.nonce ?? '', /^[\da-f-]{36}$/)
})

test('a person has at most 20 drafts, rooms included, for at most an hour', async () => {
  const [ada, bob] = await people('ada', 'bob')
  assert.ok(ada && bob)
  for (let count = 0; count < 21; count++) {
    const { id } = await joinRoom(bob, { name: `tea-${unique()}` })
    assert.ok(await keepDraft(ada.id, { conversationId: id, body: 'x', nonce }))
  }
  assert.equal(await countOf(ada.id), 20)

  const conversationId = await conversationOf(ada, bob)
  const id = (await keepDraft(ada.id, { conversationId, body: 'x', nonce })) ?? ''
  await database()
    .update(drafts)
    .set({ createdAt: sql`now() - interval '61 minutes'` })
    .where(eq(drafts.userId, ada.id))
  assert.equal(await findDraft(ada, conversationId, id), undefined)
  await removeOldDrafts()
  assert.equal(await countOf(ada.id), 0)
})

test('a malformed id discards nothing, and does not reach the database', async () => {
  const { ada, id: conversationId } = await friends()
  const id = (await keepDraft(ada.id, { conversationId, body: 'x', nonce })) ?? ''
  for (const none of ['', 'x', 'a secret text', '\0', `${conversationId} `]) {
    await discardDraft(ada, none)
    assert.equal(await findDraft(ada, none, id), undefined)
  }
  assert.ok(await findDraft(ada, conversationId, id))
})
