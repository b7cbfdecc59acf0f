import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import {
  blocks,
  conversations,
  drafts,
  invitations,
  loginSessions,
  memberships,
  presence,
  users,
} from '@/db/schema'
import { eventually } from '@/testing/eventually'
import {
  account,
  conversationOf,
  friends,
  groupOf,
  makeConversations,
  makeGroup,
  password,
  people,
  person,
  say,
  sayInRoom,
  type TestPerson,
  testOrigin,
  unique,
} from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { connect } from '@/testing/sockets'
import { getUser, logIn, register, updateProfile } from './accounts'
import { enterRoom } from './attendance'
import { blockPerson } from './blocking'
import { getConversation } from './conversations'
import { deleteAccount, deleteAccountByForm, deletePerson } from './deletion'
import { Refusal } from './errors'
import { setRole } from './group-members'
import { inviteToGroup, renameGroup } from './groups'
import { startSession } from './guests'
import { listMessages } from './history'
import { answerInvitation, invite } from './invitations'
import { startJobs } from './jobs'
import { startLoginSession } from './login-sessions'
import { searchPeople } from './people'
import { setReaction } from './reactions'
import { conversationChannel, userChannel } from './realtime/channels'
import { joinRoom } from './rooms'

const deletedPerson = (id: string) => ({ id, username: 'deleted', name: 'Deleted person' })
/** Deletes an account without a password, as an operator would. */
const remove = async (who: TestPerson, messages = 'keep') =>
  deletePerson(await person('operator', { siteRole: 'operator' }), who.id, { messages })
const rounds = [...Array(8).keys()]

describe('deleting an account', { concurrency: 4 }, () => {
  test('takes the password, and for the form the username', async () => {
    const ada = await account('ada')
    const right = { currentPassword: password, username: ada.username, messages: 'keep' }
    const wrong = [
      { ...right, currentPassword: 'wrong' },
      { ...right, currentPassword: undefined },
      { ...right, username: 'bob' },
      { ...right, messages: 'some' },
    ]
    for (const input of wrong)
      await assert.rejects(deleteAccountByForm(ada, input), refusedWith(422), JSON.stringify(input))
    await assert.rejects(deleteAccount(ada, { password: 'wrong', messages: 'keep' }), refusedWith(422))
    assert.equal((await getUser(ada.id)).username, ada.username)
    await deleteAccountByForm(ada, { ...right, username: ada.username.toUpperCase() })
    const { username, name, status } = await getUser(ada.id)
    assert.deepEqual([username, name, status], ['deleted', 'Deleted person', 'offline'])
  })

  test('a guest needs no password', async () => {
    const gus = await person('gus', { isGuest: true })
    await deleteAccount(gus, { messages: 'keep' })
    assert.equal((await getUser(gus.id)).username, 'deleted')
  })

  test('all that is the person’s alone is gone at once', async () => {
    const { ada, bob } = await friends()
    const [eve, carol] = await people('eve', 'carol')
    await updateProfile(ada, { firstName: 'Ada', lastName: 'Lovelace', gender: 1 })
    await blockPerson(ada, eve.id)
    await invite(ada, { username: carol.username, leave: true })
    const room = await joinRoom(ada, { name: unique() })
    await remove(ada)
    await startJobs()
    const [row] = await database().select().from(users).where(eq(users.id, ada.id))
    const { firstName, lastName, gender, passwordHash, searchText } = row ?? {}
    assert.deepEqual([firstName, lastName, gender, passwordHash], ['Deleted', 'person', 0, null])
    assert.equal(searchText, 'deleted deleted person')
    await eventually(async () => !(await database().$count(presence, eq(presence.userId, ada.id))))
    for (const table of [loginSessions, drafts])
      assert.equal(await database().$count(table, eq(table.userId, ada.id)), 0)
    assert.equal(await database().$count(blocks, eq(blocks.blockerId, ada.id)), 0)
    const [invitation] = await database().select().from(invitations).where(eq(invitations.inviterId, ada.id))
    assert.equal(invitation?.status, 'withdrawn')
    assert.equal(await database().$count(memberships, eq(memberships.conversationId, room.id)), 0)
    assert.equal((await ada.request('/api/me')).status, 401)
    const found = await searchPeople(bob, { q: 'Deleted person' })
    assert.ok(found.users.every(({ id }) => id !== ada.id))
  })

  test('the name is barred: registering it is a 409, a session a 401, logging in a 400', async () => {
    const ada = await account('ada')
    await remove(ada)
    const { username } = ada
    const fields = { username: username.toUpperCase(), password: 'a password of my own' }
    await assert.rejects(register(fields, testOrigin), refusedWith(409))
    await assert.rejects(startSession({ username }, testOrigin), refusedWith(401))
    await assert.rejects(startSession(fields, testOrigin), refusedWith(401))
    await assert.rejects(logIn({ username, password }, testOrigin), refusedWith(400))
    await assert.rejects(startLoginSession(ada.id, 'api', testOrigin), refusedWith(400))
  })

  test('a direct conversation stays with the other person, closed', async () => {
    const { ada, bob, id } = await friends()
    const sent = await say(ada, id, 'hello')
    await say(bob, id)
    await setReaction(ada, id, 2, '👍', true)
    await remove(ada)
    const conversation = await getConversation(bob, id)
    assert.deepEqual([conversation.name, conversation.isClosed], ['Deleted person', true])
    const { messages } = await listMessages(bob, id)
    assert.deepEqual(messages[0], { ...sent, sender: deletedPerson(ada.id) })
    assert.deepEqual(messages[1]?.reactions[0]?.people, [deletedPerson(ada.id)])
    await assert.rejects(say(bob, id), refusedWith(403))
  })

  test('a group has an heir, and a notice that does not say the name', async () => {
    const { id, owner, members } = await groupOf('owner', 'ada')
    const [ada] = members
    assert.ok(ada)
    await remove(owner)
    const { messages } = await listMessages(ada, id)
    assert.deepEqual(
      messages.map(({ body, sender }) => [body, sender.username]),
      [
        ['Deleted person left', 'deleted'],
        [`${ada.username} is now an owner`, ada.username],
      ],
    )
    assert.deepEqual(
      (await getConversation(ada, id)).people.map(({ id, role }) => [id, role]),
      [[ada.id, 'owner']],
    )
    await remove(ada)
    assert.equal(await database().$count(conversations, eq(conversations.id, id)), 0)
  })

  test('older notices of the group do not say the name any more', async () => {
    const { id, owner, members } = await groupOf('owner', 'ada')
    const [ada] = members
    assert.ok(ada)
    const eve = await person('eve')
    await setRole(owner, id, ada.id, { role: 'owner' })
    await inviteToGroup(ada, id, { username: eve.username })
    await renameGroup(owner, id, { title: `Tea for ${ada.username}` })
    const { version } = await listMessages(owner, id)
    await remove(ada)
    const { messages, changed } = await listMessages(owner, id, { after: 0, since: version })
    assert.deepEqual(changed, [])
    assert.deepEqual(
      messages.map(({ body }) => body),
      [
        `${owner.username} made Deleted person an owner`,
        `Deleted person invited ${eve.username}`,
        `${owner.username} renamed the group to Tea for ${ada.username}`,
        'Deleted person left',
      ],
    )
    assert.deepEqual(
      messages.map((message) => message.version),
      [1, 2, 0, 0],
    )
  })

  test('erasing also deletes what the person said everywhere', async () => {
    const { ada, bob, id } = await friends()
    const room = await joinRoom(ada, { name: unique() })
    await say(ada, id, 'secret')
    await sayInRoom(ada, room.id, 'secret')
    await remove(ada, 'erase')
    await enterRoom(bob, room.id)
    await eventually(async () => {
      await startJobs()
      const found = await Promise.all([id, room.id].map((one) => listMessages(bob, one)))
      return found.flatMap(({ messages }) => messages).every(({ body }) => body === '')
    })
    const [message] = (await listMessages(bob, id)).messages
    assert.ok(message?.deletedAt)
    assert.deepEqual(message.sender, deletedPerson(ada.id))
  })

  test('a person with many conversations gets an answer soon, and the job closes the rest', async () => {
    const ada = await person()
    const ids = await makeConversations(ada, 450)
    await remove(ada)
    const isOpen = sql`id = any(${sql.param(ids)}::uuid[]) and closed_at is null`
    await eventually(async () => {
      await startJobs()
      return (await database().$count(conversations, isOpen)) === 0
    })
  })

  test('others see it live, and the person’s sockets close', async () => {
    const { ada, bob, id } = await friends()
    const group = await makeGroup(bob, ada)
    const [adas, bobs] = await Promise.all([connect(ada), connect(bob)])
    await adas.subscribe(userChannel(ada.id))
    await bobs.subscribe(userChannel(bob.id))
    await bobs.subscribe(conversationChannel(group))
    await remove(ada)
    await adas.closes()
    const { data } = await bobs.receives('conversation.touched', ({ data }) => data.isClosed === true)
    assert.deepEqual(data, {
      conversationId: id,
      isClosed: true,
      name: 'Deleted person',
      member: { ...deletedPerson(ada.id), role: 'member' },
    })
    const left = await bobs.receives('member.left')
    assert.deepEqual(left.data, { conversationId: group, byChoice: true, ...deletedPerson(ada.id) })
  })

  test('an account that is deleted twice at the same time is deleted once', async () => {
    const ada = await account()
    const attempts = [1, 2].map(() => deleteAccount(ada, { password, messages: 'keep' }))
    const outcomes = await Promise.allSettled(attempts)
    assert.ok(outcomes.some(({ status }) => status === 'fulfilled'))
    assert.equal((await getUser(ada.id)).username, 'deleted')
  })
})

describe('deleting at the same time as', { concurrency: 4 }, () => {
  /** Does both at once. Each may be refused. */
  async function race(one: Promise<unknown>, other: Promise<unknown>) {
    for (const outcome of await Promise.allSettled([one, other]))
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof Refusal, String(outcome.reason))
  }
  const membershipsOf = (who: TestPerson) =>
    database()
      .select({ kind: conversations.kind, closedAt: conversations.closedAt })
      .from(memberships)
      .innerJoin(conversations, eq(conversations.id, memberships.conversationId))
      .where(eq(memberships.userId, who.id))
  /** Nothing stays open for a deleted person. */
  const assertGone = async (who: TestPerson) => {
    await startJobs()
    await eventually(async () =>
      (await membershipsOf(who)).every(({ kind, closedAt }) => kind === 'direct' && closedAt),
    )
    assert.equal(await database().$count(loginSessions, eq(loginSessions.userId, who.id)), 0)
  }

  test('sending leaves no message that is not erased', async () => {
    for (const _round of rounds) {
      const { ada, bob, id } = await friends()
      await race(remove(ada, 'erase'), Promise.all(rounds.map(() => say(ada, id, 'secret'))))
      await assertGone(ada)
      await eventually(async () => {
        await startJobs()
        return (await listMessages(bob, id)).messages.every(({ body }) => body === '')
      })
    }
  })

  test('accepting an invitation leaves the new conversation closed, or there is none', async () => {
    for (const round of rounds) {
      const [ada, bob] = await people('ada', 'bob')
      const sent = await invite(ada, { username: bob.username, leave: true })
      assert.ok('invitation' in sent)
      const accept = () => answerInvitation(bob, sent.invitation.id, { answer: 'accept' })
      const gone = round % 2 ? ada : bob
      await race(remove(gone), accept())
      await assertGone(gone)
    }
  })

  test('joining a group or a room leaves no membership', async () => {
    for (const _round of rounds) {
      const { id, owner } = await groupOf('owner', 'other')
      const ada = await person('ada')
      const { id: invitation } = await inviteToGroup(owner, id, { username: ada.username })
      await Promise.all([
        race(
          remove(ada),
          Promise.allSettled([
            answerInvitation(ada, invitation, { answer: 'accept' }),
            joinRoom(ada, { name: unique() }),
            joinRoom(ada, { name: 'lobby' }),
          ]),
        ),
      ])
      await assertGone(ada)
    }
  })

  test('inviting leaves no pending invitation', async () => {
    for (const _round of rounds) {
      const [ada, bob] = await people('ada', 'bob')
      await race(remove(ada), invite(bob, { username: ada.username, leave: true }))
      const pending = sql`status = 'pending' and invitee_id = ${ada.id}`
      assert.equal(await database().$count(invitations, pending), 0)
    }
  })

  test('logging in leaves no login session', async () => {
    for (const _round of rounds) {
      const ada = await person()
      await race(remove(ada), startLoginSession(ada.id, 'api', testOrigin))
      await assertGone(ada)
    }
  })

  test('being deleted leaves a conversation of two deleted people closed', async () => {
    const { ada, bob } = await friends()
    await conversationOf(ada, bob)
    await Promise.all([remove(ada), remove(bob)])
    await assertGone(ada)
    await assertGone(bob)
  })
})
