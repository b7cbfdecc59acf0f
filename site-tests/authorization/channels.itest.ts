import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as channels from '@/lib/realtime/channels'
import { request } from '@/testing/http'
import { socketId } from '@/testing/people'
import { type Attempt, checkTable, eachActor, type Row, row } from './table'
import { World } from './world'

test('a channel is open only to people who may subscribe to it', async () => {
  const kinds = Object.keys(channels).filter((name) => name.endsWith('Channel') && !name.startsWith('parse'))
  for (const kind of kinds) assert.ok(kind in channelRows, kind)
  const world = await World.create()
  await checkTable(async (check) => {
    for (const [kind, rows] of Object.entries(channelRows))
      for (const { name, expect } of rows)
        for (const by of ['token', 'cookie'] as const)
          await eachActor(world, async (at, { token, cookie }) => {
            const response = await request('/api/realtime/auth', {
              body: { socket_id: socketId(), channel_name: name(at) },
              ...(by === 'token' ? { token } : { headers: cookie ? { cookie } : {} }),
            })
            check(`${kind}, ${name(at)}, by ${by}, for ${at.actor}`, response, () => {
              assert.equal(response.status, expect[at.actor])
              if (response.status !== 200) assert.ok(!/"auth"|user_data|channel_data/.test(response.text))
            })
          })
  })
})

const { attendanceChannel, conversationChannel, peopleChannel, presenceChannel, signInChannel, userChannel } =
  channels

type ChannelRow = { name: (at: Attempt) => string | undefined; expect: Row<number> }
const signedInOnly = row(401, 200)
const refused = row(401, 403)
const membersOnly = row(401, 403, { member: 200 })

const channelRows: Record<string, ChannelRow[]> = {
  userChannel: [
    { name: ({ self }) => userChannel(self.id), expect: signedInOnly },
    { name: ({ world }) => userChannel(world.friend.id), expect: refused },
    { name: ({ self }) => `${userChannel(self.id)} `, expect: refused },
  ],
  conversationChannel: [
    { name: ({ world, actor }) => conversationChannel(world.direct(actor)), expect: membersOnly },
    { name: ({ world }) => conversationChannel(world.roomId), expect: membersOnly },
    { name: ({ world }) => conversationChannel(world.groupId), expect: membersOnly },
  ],
  presenceChannel: [
    { name: ({ world, actor }) => presenceChannel(world.direct(actor)), expect: membersOnly },
    { name: ({ world }) => presenceChannel(world.roomId), expect: membersOnly },
    { name: ({ world }) => presenceChannel(world.groupId), expect: membersOnly },
  ],
  peopleChannel: [{ name: () => peopleChannel, expect: signedInOnly }],
  attendanceChannel: [
    // Subscribing joins the room, and everyone signed in may join.
    { name: ({ world, self }) => attendanceChannel(world.roomId, self.id), expect: signedInOnly },
    { name: ({ world }) => attendanceChannel(world.roomId, world.inviter.id), expect: refused },
    { name: ({ world, actor, self }) => attendanceChannel(world.direct(actor), self.id), expect: refused },
    { name: ({ world, self }) => attendanceChannel(world.groupId, self.id), expect: refused },
  ],
  // Soketi subscribes a socket to it that signs in.
  signInChannel: [{ name: ({ world }) => signInChannel(world.sessionId), expect: refused }],
  'the sign-in': [{ name: () => undefined, expect: signedInOnly }],
  'any other': [
    'lobby',
    'private-x',
    'presence-x',
    'private-encrypted-x',
    '#server-to-user-x',
    'private-conversation-',
    'private-cache-x',
  ].map((name) => ({ name: () => name, expect: refused })),
}
