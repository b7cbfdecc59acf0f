import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { memberships } from '@/db/schema'
import { groupOf, makeGroup, makePeople, people, person, say, type TestPerson } from '@/testing/people'
import { blockPerson } from './blocking'
import { getConversation } from './conversations'
import { Refusal } from './errors'
import { removeFromGroup, setRole } from './group-members'
import { inviteToGroup } from './groups'
import { listMessages } from './history'
import { answerInvitation } from './invitations'
import { editMessage } from './message-changes'

const rounds = 20

/** The value of a call, or the status of its refusal. Other errors fail the test. */
const outcome = <T>(call: Promise<T>) =>
  call.catch((error: unknown) => {
    if (error instanceof Refusal) return error.status
    throw error
  })

/** Runs many rounds, a few at a time. */
async function race(round: () => Promise<unknown>) {
  for (let done = 0; done < rounds; done += 5) await Promise.all(Array.from({ length: 5 }, round))
}

const countIn = (id: string) => database().$count(memberships, eq(memberships.conversationId, id))

async function assertNumbered(id: string, reader: TestPerson) {
  const { messages } = await listMessages(reader, id, { limit: 100 })
  let said = 0
  for (const [index, message] of messages.entries()) {
    if (message.kind === 'said') said++
    assert.deepEqual([message.seq, message.said], [index + 1, said])
  }
  return messages
}

test('of two owners who leave at the same time, the last one leaves an owner behind', () =>
  race(async () => {
    const { id, owner, members } = await groupOf('ada', 'bob', 'cyd')
    const [bob, cyd] = members as [TestPerson, TestPerson]
    await setRole(owner, id, bob.id, { role: 'owner' })
    await Promise.all([removeFromGroup(owner, id, 'me'), removeFromGroup(bob, id, 'me')])
    const { people } = await getConversation(cyd, id)
    assert.deepEqual(
      people.map(({ id, role }) => [id, role]),
      [[cyd.id, 'owner']],
    )
    await assertNumbered(id, cyd)
  }))

test('of two owners who step down at the same time one stays', () =>
  race(async () => {
    const { id, owner, members } = await groupOf('ada', 'bob')
    const [bob] = members as [TestPerson]
    await setRole(owner, id, bob.id, { role: 'owner' })
    const results = await Promise.all(
      [owner, bob].map((one) => outcome(setRole(one, id, 'me', { role: 'member' }))),
    )
    assert.equal(results.filter((result) => result === 409).length, 1)
  }))

test('accepting several times at once joins once', () =>
  race(async () => {
    const { id, owner } = await groupOf('ada')
    const bob = await person('bob')
    const { id: invitationId } = await inviteToGroup(owner, id, { username: bob.username })
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => outcome(answerInvitation(bob, invitationId, { answer: 'accept' }))),
    )
    assert.equal(answers.filter((answer) => answer === 409).length, 3)
    assert.equal(answers.filter((answer) => answer === id).length, 1)
    const texts = (await assertNumbered(id, bob)).map(({ body }) => body)
    assert.deepEqual(texts, [`${owner.username} invited ${bob.username}`, `${bob.username} joined`])
  }))

test('accepting while the last member leaves joins the group or finds it gone', () =>
  race(async () => {
    const { id, owner } = await groupOf('ada')
    const bob = await person('bob')
    const { id: invitationId } = await inviteToGroup(owner, id, { username: bob.username })
    const [answer] = await Promise.all([
      outcome(answerInvitation(bob, invitationId, { answer: 'accept' })),
      removeFromGroup(owner, id, 'me'),
    ])
    if (answer === 404) return assert.equal(await countIn(id), 0)
    assert.equal(answer, id)
    assert.equal((await getConversation(bob, id)).people[0]?.role, 'owner')
  }))

test('blocking while accepting, and inviting while blocking, leaves nothing pending', () =>
  race(async () => {
    const { id, owner } = await groupOf('ada')
    const [bob, cyd] = await people('bob', 'cyd')
    const { id: invitationId } = await inviteToGroup(owner, id, { username: bob.username })
    await Promise.all([
      outcome(answerInvitation(bob, invitationId, { answer: 'accept' })),
      blockPerson(owner, bob.id),
      outcome(inviteToGroup(owner, id, { username: cyd.username })),
      blockPerson(cyd, owner.id),
    ])
    const pending = await database().execute(
      sql`select id from invitations where conversation_id = ${id} and status = 'pending'`,
    )
    assert.deepEqual([...pending], [])
  }))

test('of two people who accept the last place, one gets it', async () => {
  const owner = await person('ada')
  const id = await makeGroup(owner, ...(await makePeople(248)))
  const invitees = await people('bob', 'cyd')
  const invited = await Promise.all(invitees.map(({ username }) => inviteToGroup(owner, id, { username })))
  const answers = await Promise.all(
    invitees.map((invitee, index) =>
      outcome(answerInvitation(invitee, String(invited[index]?.id), { answer: 'accept' })),
    ),
  )
  assert.deepEqual(answers.map((answer) => answer === id || answer).sort(), [409, true])
  assert.equal(await countIn(id), 250)
})

test('what a removed person sends or edits is stored before the removal or refused', async () => {
  const results = new Set<unknown>()
  await race(async () => {
    const { id, owner, members } = await groupOf('ada', 'bob')
    const [bob] = members as [TestPerson]
    const { seq } = await say(bob, id, 'first')
    const late = () => [
      ...Array.from({ length: 3 }, (_, index) => outcome(say(bob, id, `late ${index}`))),
      outcome(editMessage(bob, id, seq, { body: 'edited' })),
    ]
    const { attempts, removal } = await database().transaction(async (tx) => {
      await tx.execute(sql`select from conversations where id = ${id} for update`)
      const attempts = late()
      const removal = removeFromGroup(owner, id, bob.id)
      // Meanwhile they line up for the conversation, having seen that bob is in it.
      await tx.execute(sql`select pg_sleep(0.05)`)
      return { attempts, removal }
    })
    await removal
    for (const result of await Promise.all(attempts)) {
      results.add(typeof result === 'object' ? 'stored' : result)
      assert.ok(result === 404 || typeof result === 'object')
    }
    const messages = await assertNumbered(id, owner)
    const removedAt = messages.findIndex(({ kind }) => kind === 'notice')
    assert.equal(removedAt, messages.length - 1, 'nothing follows the removal')
    const stored = await outcome(say(bob, id, 'too late'))
    assert.equal(stored, 404)
  })
  assert.ok(results.has(404) && results.has('stored'), [...results].join())
})
