import assert from 'node:assert/strict'
import { test } from 'node:test'
import { and, eq, or, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { blocks, conversations, invitations, memberships } from '@/db/schema'
import { onlinePerson, people, type TestPerson, unique } from '@/testing/people'
import { blockPerson, unblockPerson } from './blocking'
import { Refusal } from './errors'
import { answerInvitation, invite, listAnswered, listInvitations } from './invitations'
import { directKey } from './pairs'

const rounds = 25

/** The value of a call, or the status of its refusal. Other errors fail the test. */
const outcome = <T>(call: Promise<T>) =>
  call.catch((error: unknown) => {
    if (error instanceof Refusal) return error.status
    throw error
  })

/** Everything in the database about two people. */
async function stateOf(one: TestPerson, other: TestPerson) {
  const between = or(
    and(eq(invitations.inviterId, one.id), eq(invitations.inviteeId, other.id)),
    and(eq(invitations.inviterId, other.id), eq(invitations.inviteeId, one.id)),
  )
  const [rows, made, blocked] = await Promise.all([
    database().select().from(invitations).where(between),
    database()
      .select()
      .from(conversations)
      .where(eq(conversations.directKey, directKey(one.id, other.id))),
    database().select().from(blocks).where(eq(blocks.blockerId, other.id)),
  ])
  const members = made[0]
    ? await database().$count(memberships, eq(memberships.conversationId, made[0].id))
    : 0
  if (made[0]) assert.equal(members, 2, 'a conversation has both its people')
  return {
    statuses: rows.map(({ status }) => status).sort(),
    conversations: made.length,
    isBlocked: blocked.length > 0,
  }
}

const pair = () => Promise.all([onlinePerson('ada'), onlinePerson('bob')])

async function invited() {
  const [ada, bob] = await pair()
  const made = await invite(ada, { username: bob.username })
  assert.equal(made.outcome, 'sent')
  if (made.outcome !== 'sent') throw new Error('unreachable')
  return { ada, bob, id: made.invitation.id }
}

/** Runs many rounds, a few at a time. */
async function race(round: () => Promise<unknown>) {
  for (let done = 0; done < rounds; done += 5) await Promise.all(Array.from({ length: 5 }, round))
}

test('simultaneous accepts create one conversation, and one of them reports creating it', () =>
  race(async () => {
    const { ada, bob, id } = await invited()
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => outcome(answerInvitation(bob, id, { answer: 'accept' }))),
    )
    assert.equal(answers.filter((answer) => answer === 409).length, 5)
    assert.equal(answers.filter((answer) => typeof answer === 'string').length, 1)
    assert.deepEqual(await stateOf(ada, bob), { statuses: ['accepted'], conversations: 1, isBlocked: false })
  }))

test('of a simultaneous accept and reject one wins', () =>
  race(async () => {
    const { ada, bob, id } = await invited()
    const [accepted, rejected] = await Promise.all([
      outcome(answerInvitation(bob, id, { answer: 'accept' })),
      outcome(answerInvitation(bob, id, { answer: 'reject' })),
    ])
    const won = typeof accepted === 'string'
    assert.equal(won ? rejected : accepted, 409)
    assert.deepEqual(await stateOf(ada, bob), {
      statuses: [won ? 'accepted' : 'rejected'],
      conversations: won ? 1 : 0,
      isBlocked: false,
    })
  }))

test('two people who invite each other at the same time have one invitation', () =>
  race(async () => {
    const [ada, bob] = await pair()
    const outcomes = await Promise.all(
      [
        [ada, bob],
        [bob, ada],
        [ada, bob],
        [bob, ada],
      ].map(([by, to]) => invite(by as TestPerson, { username: to?.username })),
    )
    const made = outcomes.filter(({ outcome }) => outcome === 'sent')
    assert.equal(made.length, 1)
    const ids = outcomes.map((one) => 'invitation' in one && one.invitation.id)
    assert.equal(new Set(ids).size, 1, 'the others are shown the same one')
    assert.deepEqual(await stateOf(ada, bob), { statuses: ['pending'], conversations: 0, isBlocked: false })
  }))

test('of a simultaneous withdrawal and accept one wins', async () => {
  const winners = new Set<string>()
  await race(async () => {
    const { ada, bob, id } = await invited()
    const [accepted, withdrawn] = await Promise.all([
      outcome(answerInvitation(bob, id, { answer: 'accept' })),
      outcome(answerInvitation(ada, id, { answer: 'withdraw' })),
    ])
    const won = typeof accepted === 'string'
    winners.add(won ? 'accept' : 'withdraw')
    assert.equal(won ? withdrawn : accepted, 409)
    assert.deepEqual(await stateOf(ada, bob), {
      statuses: [won ? 'accepted' : 'withdrawn'],
      conversations: won ? 1 : 0,
      isBlocked: false,
    })
  })
  assert.ok(winners.size)
})

test('withdrawing and inviting again during an accept ends in a conversation or a pending invitation', () =>
  race(async () => {
    const { ada, bob, id } = await invited()
    const [accepted] = await Promise.all([
      outcome(answerInvitation(bob, id, { answer: 'accept' })),
      outcome(answerInvitation(ada, id, { answer: 'withdraw' })).then(() =>
        outcome(invite(ada, { username: bob.username })),
      ),
    ])
    const won = typeof accepted === 'string'
    assert.deepEqual(await stateOf(ada, bob), {
      statuses: won ? ['accepted'] : ['pending', 'withdrawn'],
      conversations: won ? 1 : 0,
      isBlocked: false,
    })
  }))

test('blocking during an invitation leaves nothing pending', () =>
  race(async () => {
    const [ada, bob] = await pair()
    const [invitation] = await Promise.all([
      outcome(invite(ada, { username: bob.username })),
      blockPerson(bob, ada.id),
    ])
    const wasFirst = invitation !== 403
    assert.deepEqual(await stateOf(ada, bob), {
      statuses: wasFirst ? ['rejected'] : [],
      conversations: 0,
      isBlocked: true,
    })
  }))

test('repeated invitations during blocking and unblocking leave at most one', () =>
  race(async () => {
    const [ada, bob] = await pair()
    await Promise.all([
      outcome(invite(ada, { username: bob.username })),
      blockPerson(bob, ada.id).then(() => unblockPerson(bob, ada.id)),
      outcome(invite(ada, { username: bob.username })),
    ])
    const { statuses, ...rest } = await stateOf(ada, bob)
    assert.deepEqual(rest, { conversations: 0, isBlocked: false })
    assert.ok(statuses.filter((status) => status === 'pending').length <= 1)
  }))

test('blocking during an accept ends in a closed conversation or none', () =>
  race(async () => {
    const { ada, bob, id } = await invited()
    const [accepted] = await Promise.all([
      outcome(answerInvitation(bob, id, { answer: 'accept' })),
      blockPerson(ada, bob.id),
    ])
    const won = typeof accepted === 'string'
    if (!won) assert.equal(accepted, 409)
    assert.deepEqual(await stateOf(bob, ada), {
      statuses: [won ? 'accepted' : 'withdrawn'],
      conversations: won ? 1 : 0,
      isBlocked: true,
    })
    assert.equal(
      await outcome(invite(bob, { username: ada.username })).then((one) => typeof one),
      won ? 'object' : 'number',
    )
  }))

test('two people can block each other at the same time', () =>
  race(async () => {
    const { ada, bob } = await invited()
    await Promise.all([blockPerson(ada, bob.id), blockPerson(bob, ada.id), blockPerson(ada, bob.id)])
    const [one, other] = [await stateOf(ada, bob), await stateOf(bob, ada)]
    assert.ok(one.isBlocked && other.isBlocked)
    assert.equal(one.statuses.length, 1)
    assert.notEqual(one.statuses[0], 'pending')
  }))

test('the inviter sees an answer and the invitee a withdrawal, for 30 days', async () => {
  const [ada, bob, cyd] = (await people('ada', 'bob', 'cyd')) as [TestPerson, TestPerson, TestPerson]
  const settle = async (from: TestPerson, to: TestPerson, answer: 'accept' | 'reject' | 'withdraw') => {
    const made = await invite(from, { username: to.username, leave: true })
    assert.ok(made.outcome === 'left')
    await answerInvitation(answer === 'withdraw' ? from : to, made.invitation.id, { answer })
    return made.invitation.id
  }
  const rejected = await settle(ada, bob, 'reject')
  const withdrawn = await settle(bob, ada, 'withdraw')
  const accepted = await settle(ada, cyd, 'accept')
  await invite(ada, { username: bob.username, leave: true })
  const seenBy = async (who: TestPerson) => (await listAnswered(who)).map(({ id }) => id)
  assert.deepEqual(await seenBy(ada), [accepted, withdrawn, rejected])
  for (const other of [bob, cyd]) assert.deepEqual(await seenBy(other), [])
  const age = (id: string, days: number) =>
    database()
      .update(invitations)
      .set({ answeredAt: sql`now() - make_interval(days => ${days})` })
      .where(eq(invitations.id, id))
  await Promise.all([age(rejected, 31), age(withdrawn, 29)])
  assert.deepEqual(await seenBy(ada), [accepted, withdrawn])
})

test('lists the latest 100 invitations that wait in each direction', async () => {
  const ada = await onlinePerson('ada')
  await database().execute(sql`
    with others as (
      insert into users (username, password_hash)
      select ${`friend-${unique()}-`} || number, 'none' from generate_series(1, 210) as number returning id
    ),
    numbered as (select id, row_number() over () as number from others)
    insert into invitations (inviter_id, invitee_id, created_at)
    select case when number % 2 = 0 then id else ${ada.id} end, case when number % 2 = 0 then ${ada.id} else id end,
      now() - number * interval '1 minute'
    from numbered`)
  const { received, sent } = await listInvitations(ada)
  for (const [list, oldest] of [
    [received, 200],
    [sent, 199],
  ] as const) {
    assert.equal(list.length, 100)
    const times = list.map(({ createdAt }) => Date.parse(createdAt))
    assert.deepEqual(times, [...times].sort().reverse())
    assert.ok(Math.abs(Date.now() - oldest * 60_000 - Number(times.at(-1))) < 60_000)
  }
})

test('a person whom somebody else has blocked, or who blocked somebody else, invites and is invited', async () => {
  const [[ada, bob], cyd] = await Promise.all([pair(), onlinePerson('cyd')])
  for (const one of [ada, bob]) {
    await blockPerson(cyd, one.id)
    await blockPerson(one, cyd.id)
  }
  assert.equal((await invite(ada, { username: bob.username })).outcome, 'sent')
})
