import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cookieOf } from '@/testing/cookies'
import { groupOf, person, say, socketId, type TestPerson } from '@/testing/people'
import { connect } from '@/testing/sockets'
import { TestStream } from '@/testing/streams'
import { removeFromGroup, setRole } from './group-members'
import { inviteToGroup, renameGroup } from './groups'
import { answerInvitation } from './invitations'
import { conversationChannel, userChannel } from './realtime/channels'
import type { Touched } from './realtime/events'

async function listen(reader: TestPerson, id: string) {
  const socket = await connect(reader)
  await socket.subscribe(userChannel(reader.id))
  await socket.subscribe(conversationChannel(id))
  return socket
}

type Listening = Awaited<ReturnType<typeof listen>>

const touched = async (socket: Listening, isIt: (data: Touched) => unknown) => {
  const { data } = await socket.receives('conversation.touched', ({ data }) => Boolean(isIt(data as Touched)))
  return data as Touched
}

test('a removed person’s sockets and streams end, and nothing of the group reaches them any more', async () => {
  const { id, owner, members } = await groupOf('ada', 'bob', 'cyd')
  const [bob, cyd] = members as [TestPerson, TestPerson]
  const [removed, other] = [await listen(bob, id), await listen(cyd, id)]
  const stream = await TestStream.open(`/api/conversations/${id}/stream?timeout=60`, bob)
  const live = await TestStream.open(`/c/${id}/live`, { headers: { cookie: await cookieOf(bob) } })
  assert.deepEqual([stream.status, live.status], [200, 200])

  await removeFromGroup(owner, id, bob.id)
  assert.equal((await removed.receives('member.left')).data.id, bob.id)
  assert.ok((await touched(removed, ({ hasLeft }) => hasLeft)).hasLeft)
  await removed.closes()
  await Promise.all([stream.ends(), live.ends()])
  for (const path of ['', '/messages', '/stream', '/read'].map((rest) => `/api/conversations/${id}${rest}`))
    assert.ok([404, 405].includes((await bob.request(path)).status), path)
  const asked = { socket_id: socketId(), channel_name: conversationChannel(id) }
  assert.equal((await bob.request('/api/realtime/auth', { body: asked })).status, 403)

  assert.equal((await other.receives('member.left')).data.id, bob.id)
  const { newest } = await touched(other, ({ leftId }) => leftId === bob.id)
  assert.equal(newest?.body, `${owner.username} removed ${bob.username}`)
  assert.equal(newest?.kind, 'notice')
  assert.ok(other.isConnected)
  await say(owner, id, 'after')
  await other.receives('message.created', ({ data }) => data.body === 'after')
  assert.ok(!stream.text.includes('after') && !live.text.includes('after'))
})

test('a person who leaves, and a new owner, are announced to the others', async () => {
  const { id, owner, members } = await groupOf('ada', 'bob')
  const [bob] = members as [TestPerson]
  const [left, other] = [await listen(owner, id), await listen(bob, id)]
  await removeFromGroup(owner, id, 'me')
  await left.closes()
  assert.ok(await touched(other, ({ leftId }) => leftId === owner.id))
  const { member } = await touched(other, ({ member }) => member?.id === bob.id)
  assert.equal(member?.role, 'owner')
})

test('a person who joins, a new role and a new title are announced to the others', async () => {
  const { id, owner, members } = await groupOf('ada', 'bob')
  const [bob] = members as [TestPerson]
  const cyd = await person('cyd')
  const other = await listen(bob, id)
  const joining = await connect(cyd)
  await joining.subscribe(userChannel(cyd.id))
  const { id: invitationId } = await inviteToGroup(owner, id, { username: cyd.username })
  const invited = await joining.receives('invitation.created')
  assert.equal((invited.data.conversation as { id: string }).id, id)
  await answerInvitation(cyd, invitationId, { answer: 'accept' })

  const { data } = await joining.receives('conversation.created')
  assert.equal(data.conversationId, id)
  assert.equal((data.conversation as { unread: number }).unread, 0)
  assert.equal((await other.receives('member.joined')).data.id, cyd.id)
  assert.equal((await touched(other, ({ member }) => member?.id === cyd.id)).member?.role, 'member')
  assert.equal(other.count('conversation.created'), 0)

  await setRole(owner, id, cyd.id, { role: 'owner' })
  await touched(joining, ({ member }) => member?.id === cyd.id && member.role === 'owner')
  await renameGroup(owner, id, { title: 'Tea' })
  await touched(joining, ({ name }) => name === 'Tea')
})
