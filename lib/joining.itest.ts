import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeGroup, person, type TestPerson } from '@/testing/people'
import { connect } from '@/testing/sockets'
import { joinByLink } from './joining'
import { makeLink } from './links'
import { conversationChannel, userChannel } from './realtime/channels'

async function listen(reader: TestPerson, ...channels: string[]) {
  const socket = await connect(reader)
  for (const channel of [userChannel(reader.id), ...channels]) await socket.subscribe(channel)
  return socket
}

const operator = () => person('oda', { siteRole: 'operator' })

test('everyone concerned is notified of a person who joins a group by a link', async () => {
  const [oda, ada] = [await operator(), await person()]
  const id = await makeGroup(oda)
  const { token } = await makeLink(oda, { into: id })
  const [inGroup, joining] = [await listen(oda, conversationChannel(id)), await listen(ada)]
  await joinByLink(ada, token)
  assert.equal((await joining.receives('conversation.created')).data.conversationId, id)
  assert.equal((await inGroup.receives('member.joined')).data.id, ada.id)
  assert.equal((await inGroup.receives('message.created')).data.body, `${ada.username} joined`)
  await inGroup.receives('conversation.touched')
})

test('both people see the conversation that a link has opened', async () => {
  const [oda, ada] = [await operator(), await person()]
  const { token } = await makeLink(oda, { into: 'me' })
  const both = [await listen(oda), await listen(ada)]
  const id = await joinByLink(ada, token)
  for (const socket of both)
    assert.equal((await socket.receives('conversation.created')).data.conversationId, id)
})
