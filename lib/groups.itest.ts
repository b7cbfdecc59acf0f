import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { invitations } from '@/db/schema'
import { makeGroup, people, person, say, type TestPerson, unique, unknownId } from '@/testing/people'
import { blockPerson } from './blocking'
import { getConversation } from './conversations'
import { Refusal } from './errors'
import { removeFromGroup, setRole } from './group-members'
import { createGroup, inviteToGroup, renameGroup } from './groups'
import { listMessages } from './history'
import { answerInvitation, invite, listInvitations } from './invitations'
import { listUnread } from './unread'

const refused = (status: number) => (error: unknown) => error instanceof Refusal && error.status === status

/** What was said in the group, and what happened there, as this person reads it. */
async function textsIn(id: string, reader: TestPerson) {
  const { messages } = await listMessages(reader, id)
  return messages.map(({ body }) => body)
}

const rolesIn = async (id: string, reader: TestPerson) =>
  Object.fromEntries((await getConversation(reader, id)).people.map(({ username, role }) => [username, role]))

async function joined(...names: [string, ...string[]]) {
  const [owner, ...others] = (await people(...names)) as [TestPerson, ...TestPerson[]]
  const made = await createGroup(owner, {
    title: 'Picnic',
    usernames: others.map(({ username }) => username),
  })
  for (const invitation of made.invitations) {
    const invitee = others.find(({ id }) => id === invitation.invitee.id)
    assert.ok(invitee)
    await answerInvitation(invitee, invitation.id, { answer: 'accept' })
  }
  return { owner, others, id: made.conversation.id }
}

test('a group has its maker as owner, invites everyone else, and nobody is in it without accepting', async () => {
  const [ada, bob, cyd] = await people('ada', 'bob', 'cyd')
  const { conversation, invitations } = await createGroup(ada, {
    title: '  Picnic   on Sunday ',
    usernames: [bob.username.toUpperCase(), bob.username, cyd.username],
  })
  assert.equal(conversation.kind, 'group')
  assert.equal(conversation.name, 'Picnic on Sunday')
  assert.deepEqual(
    conversation.people.map(({ id, role }) => [id, role]),
    [[ada.id, 'owner']],
  )
  assert.deepEqual(invitations.map(({ invitee }) => invitee.id).sort(), [bob.id, cyd.id].sort())
  const [received] = (await listInvitations(bob)).received
  assert.deepEqual(received?.conversation, { id: conversation.id, name: 'Picnic on Sunday' })
  await assert.rejects(getConversation(bob, conversation.id), refused(404))
  assert.deepEqual(
    (await textsIn(conversation.id, ada)).sort(),
    [bob, cyd].map(({ username }) => `${ada.username} invited ${username}`).sort(),
  )
})

test('if one person cannot be invited, no group is made', async () => {
  const [ada, bob, cyd, dan] = await people('ada', 'bob', 'cyd', 'dan')
  const guest = await person('guest', { isGuest: true })
  await blockPerson(cyd, ada.id)
  await blockPerson(ada, dan.id)
  const tries: [number, string[]][] = [
    [404, [`no-${unique()}`]],
    [403, [ada.username]],
    [403, [guest.username]],
    [403, [cyd.username]],
    [403, [dan.username]],
    [422, []],
  ]
  for (const [status, usernames] of tries)
    await assert.rejects(
      createGroup(ada, { title: 'x', usernames: status === 422 ? [] : [bob.username, ...usernames] }),
      refused(status),
    )
  for (const title of ['', ' ', 'a'.repeat(65), 'a\u202eb', 'a\u0000', 'two\nlines', 7])
    await assert.rejects(createGroup(ada, { title, usernames: [bob.username] }), refused(422))
  await assert.rejects(createGroup(guest, { title: 'x', usernames: [bob.username] }), refused(403))
  assert.deepEqual((await listInvitations(bob)).received, [])
})

test('new members see all that was said before, none of it unread, and notices are never unread', async () => {
  const { owner: ada, others, id } = await joined('ada', 'bob')
  const [bob] = others as [TestPerson]
  await say(ada, id, 'one')
  await say(ada, id, 'two')
  const cyd = await person('cyd')
  const invitation = await inviteToGroup(ada, id, { username: cyd.username })
  await answerInvitation(cyd, invitation.id, { answer: 'accept' })
  const unread = async (reader: TestPerson) => {
    const { lastSaid, readSaid } = await getConversation(reader, id)
    const counted = (await listUnread(reader)).find((one) => one.id === id)?.count ?? 0
    assert.equal(counted, lastSaid - readSaid)
    return counted
  }
  assert.deepEqual([await unread(ada), await unread(bob), await unread(cyd)], [0, 2, 0])
  assert.ok((await textsIn(id, cyd)).includes('one'))
  await say(cyd, id, 'three')
  await renameGroup(ada, id, { title: 'Tea' })
  assert.deepEqual([await unread(ada), await unread(bob), await unread(cyd)], [1, 3, 0])
  const { messages } = await listMessages(ada, id)
  assert.deepEqual(
    messages.map(({ seq }) => seq),
    messages.map((_, index) => index + 1),
  )
  assert.equal(messages.at(-1)?.kind, 'notice')
  assert.equal(messages.at(-1)?.said, 3)
})

test('notices tell what happened', async () => {
  const { owner: ada, others, id } = await joined('ada', 'bob', 'cyd')
  const [bob, cyd] = others as [TestPerson, TestPerson]
  const before = (await textsIn(id, ada)).length
  await renameGroup(ada, id, { title: 'Tea' })
  await renameGroup(ada, id, { title: 'Tea' })
  await setRole(ada, id, bob.id, { role: 'owner' })
  await setRole(ada, id, bob.id, { role: 'owner' })
  await setRole(ada, id, 'me', { role: 'member' })
  await removeFromGroup(bob, id, cyd.id)
  await removeFromGroup(bob, id, 'me')
  assert.deepEqual((await textsIn(id, ada)).slice(before), [
    `${ada.username} renamed the group to Tea`,
    `${ada.username} made ${bob.username} an owner`,
    `${ada.username} stepped down`,
    `${bob.username} removed ${cyd.username}`,
    `${bob.username} left`,
    `${ada.username} is now an owner`,
  ])
})

test('only owners rename, invite, remove and make owners, and they leave other owners alone', async () => {
  const { owner: ada, others, id } = await joined('ada', 'bob', 'cyd')
  const [bob, cyd] = others as [TestPerson, TestPerson]
  const eve = await person('eve')
  const acts = (by: TestPerson) => [
    () => renameGroup(by, id, { title: 'Mine' }),
    () => inviteToGroup(by, id, { username: eve.username }),
    () => removeFromGroup(by, id, cyd.id),
    () => setRole(by, id, cyd.id, { role: 'owner' }),
    () => setRole(by, id, ada.id, { role: 'member' }),
  ]
  for (const act of acts(bob)) await assert.rejects(act, refused(403))
  await assert.rejects(setRole(bob, id, 'me', { role: 'owner' }), refused(403))
  for (const act of acts(eve)) await assert.rejects(act, refused(404))
  await assert.rejects(setRole(ada, id, 'me', { role: 'member' }), refused(409))
  await setRole(ada, id, bob.id, { role: 'owner' })
  await assert.rejects(setRole(ada, id, bob.id, { role: 'member' }), refused(403))
  await assert.rejects(removeFromGroup(ada, id, bob.id), refused(403))
  for (const nobody of [eve.id, unknownId, 'x']) {
    await assert.rejects(removeFromGroup(ada, id, nobody), refused(404))
    await assert.rejects(setRole(ada, id, nobody, { role: 'owner' }), refused(404))
  }
  for (const role of ['admin', '', undefined])
    await assert.rejects(setRole(ada, id, bob.id, { role }), refused(422))
  assert.deepEqual(await rolesIn(id, ada), {
    [ada.username]: 'owner',
    [bob.username]: 'owner',
    [cyd.username]: 'member',
  })
})

test('the same person invites somebody again 30 days after they left or rejected, and at once after removing them', async () => {
  const { owner: ada, others, id } = await joined('ada', 'bob', 'cyd')
  const [bob, cyd] = others as [TestPerson, TestPerson]
  const again = (by: TestPerson) => inviteToGroup(by, id, { username: bob.username })
  await assert.rejects(again(ada), refused(409))
  await removeFromGroup(ada, id, bob.id)
  const second = await again(ada)
  await assert.rejects(again(ada), refused(409))
  await answerInvitation(bob, second.id, { answer: 'accept' })
  await removeFromGroup(bob, id, 'me')
  await assert.rejects(again(ada), refused(409))
  await setRole(ada, id, cyd.id, { role: 'owner' })
  const third = await again(cyd)
  await answerInvitation(bob, third.id, { answer: 'reject' })
  await assert.rejects(again(cyd), refused(409))
  await database()
    .update(invitations)
    .set({ answeredAt: sql`now() - interval '31 days'`, leftAt: sql`left_at - interval '31 days'` })
    .where(eq(invitations.conversationId, id))
  for (const by of [ada, cyd]) {
    const { id: invitationId } = await again(by)
    await answerInvitation(by, invitationId, { answer: 'withdraw' })
  }
})

test('an invitation to a group and one to a direct conversation do not touch each other', async () => {
  const [ada, bob] = await people('ada', 'bob')
  const {
    invitations: [toGroup],
  } = await createGroup(ada, { title: 'Picnic', usernames: [bob.username] })
  const direct = await invite(bob, { username: ada.username, leave: true })
  assert.equal(direct.outcome, 'left')
  assert.ok(toGroup)
  await answerInvitation(bob, toGroup.id, { answer: 'accept' })
  assert.equal((await listInvitations(bob)).sent.length, 1)
})

test('when its last owner leaves, the longest-standing member owns the group; an empty one is deleted', async () => {
  const [ada, bob, cyd, dan] = await people('ada', 'bob', 'cyd', 'dan')
  const id = await makeGroup(ada, bob, cyd)
  await say(ada, id, 'hello')
  const { id: invitationId } = await inviteToGroup(ada, id, { username: dan.username })
  await removeFromGroup(ada, id, 'me')
  assert.deepEqual(await rolesIn(id, bob), { [bob.username]: 'owner', [cyd.username]: 'member' })
  await removeFromGroup(bob, id, 'me')
  await removeFromGroup(cyd, id, 'me')
  const left = await database().execute(sql`
    select id from conversations where id = ${id} union all select id from invitations where conversation_id = ${id}
    union all select id from messages where conversation_id = ${id}`)
  assert.deepEqual([...left], [])
  await assert.rejects(answerInvitation(dan, invitationId, { answer: 'accept' }), refused(404))
})

test('a group lists whom its reader has blocked, as long as their messages are there', async () => {
  const { owner: ada, others, id } = await joined('ada', 'bob', 'cyd')
  const [bob, cyd] = others as [TestPerson, TestPerson]
  const dan = await person('dan')
  for (const one of [bob, dan]) await blockPerson(ada, one.id)
  const blockedBy = async (reader: TestPerson) => (await getConversation(reader, id)).blocked
  assert.deepEqual([await blockedBy(ada), await blockedBy(bob), await blockedBy(cyd)], [[bob.id], [], []])
  await say(bob, id, 'hello all')
  assert.equal((await textsIn(id, ada)).at(-1), 'hello all')
  await removeFromGroup(bob, id, 'me')
  assert.deepEqual(await blockedBy(ada), [bob.id])
})
