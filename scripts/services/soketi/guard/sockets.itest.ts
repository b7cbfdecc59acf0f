import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { folderOf } from '@/scripts/services/install'
import { soketiNode } from '@/scripts/services/soketi'
import { conversationChannel, presenceChannel, TestSoketi } from '@/scripts/services/test-soketi'
import { eventually } from '@/testing/eventually'
import { RawSocket } from '@/testing/raw-socket'

const soketi = new TestSoketi()

test('a malformed, large or unknown frame ends only its socket', async () => {
  const [bystander, pid] = [await soketi.open(), soketi.pid]
  const frames = [
    '',
    'x',
    '{',
    'null',
    '[]',
    '5',
    {},
    { event: 5 },
    { event: null },
    { event: 'pusher:hello' },
    { event: 'pusher:connection_established', data: {} },
    { event: 'pusher_internal:member_added', data: {} },
    ...['subscribe', 'unsubscribe', 'signin'].flatMap((kind) =>
      [undefined, null, 'x', [], {}, { channel: 5 }, { channel: null }, { channel: {} }].map((data) => ({
        event: `pusher:${kind}`,
        data,
      })),
    ),
    { event: 'pusher:subscribe', data: { channel: 'x'.repeat(201) } },
    { event: 'pusher:subscribe', data: { channel: presenceChannel(), channel_data: 5 } },
    { event: 'pusher:signin', data: { auth: {}, user_data: '{}' } },
  ]
  await Promise.all(
    frames.map(async (frame) => {
      const socket = await soketi.open()
      socket.send(frame)
      assert.equal(await socket.ended(), 4010, JSON.stringify(frame))
    }),
  )
  const [binary, large] = [await soketi.open(), await soketi.open()]
  binary.sendBytes('{"event":"pusher:ping"}', 2)
  assert.equal(await binary.ended(), 4010)
  large.send({ event: 'pusher:ping', data: 'x'.repeat(32 * 1024) })
  assert.equal(await large.ended(), 1006)
  assert.ok(await bystander.isOpen())
  assert.equal(soketi.pid, pid)
})

test('a connection with an unknown key is ended', async () => {
  for (const key of ['x', '%00', '__proto__', 'x'.repeat(2000), `${soketi.key}x`]) {
    const socket = await RawSocket.open(soketi.url, key)
    assert.equal(await socket.ended(), 4001, key)
  }
})

test('typing is the only event between sockets, and only in a presence channel that the sender is in', async () => {
  const [channel, other] = [presenceChannel(), presenceChannel()]
  const [ada, bob] = [await soketi.open(), await soketi.open()]
  await soketi.subscribe(ada, channel, 'ada')
  await soketi.subscribe(bob, channel, 'bob')
  // Typing in a channel that the sender is not in is ignored.
  ada.send({ event: 'client-typing', channel: other, data: {} })
  ada.send({ event: 'client-typing', channel })
  const typing = await bob.receives(({ event }) => event === 'client-typing')
  assert.deepEqual(typing, { event: 'client-typing', channel, data: {}, user_id: 'ada' })

  for (const frame of [
    { event: 'client-typing', channel, data: { text: 'hello' } },
    { event: 'client-typing', channel, data: 'hello' },
    { event: 'client-message', channel, data: {} },
    { event: 'xclient-typing', channel, data: {} },
    { event: 'client-typing', channel: conversationChannel(), data: {} },
    { event: 'client-typing', channel: 'lobby', data: {} },
    { event: 'client-typing', data: {} },
    { event: 'message.created', channel, data: {} },
  ]) {
    const eve = await soketi.open()
    await soketi.subscribe(eve, channel, 'eve')
    eve.send(frame)
    assert.equal(await eve.ended(), 4010, JSON.stringify(frame))
  }
  assert.ok(await bob.isOpen())
  assert.equal(bob.frames.filter(({ event }) => !event.startsWith('pusher')).length, 1)
})

test('a closed socket is removed from its channels, with any close code and during a subscription', async () => {
  const channel = presenceChannel()
  const [watcher, eve, hurried] = [await soketi.open(), await soketi.open(), await soketi.open()]
  await soketi.subscribe(watcher, channel, 'watcher')
  await soketi.subscribe(eve, channel, 'eve')
  eve.close(4200)
  await watcher.receives(
    ({ event, data }) => event === 'pusher_internal:member_removed' && /eve/.test(String(data)),
  )

  const fleeting = presenceChannel()
  const auth = soketi.api.authorizeChannel(hurried.id, fleeting, { user_id: 'hurried' })
  hurried.send({ event: 'pusher:subscribe', data: { channel: fleeting, ...auth } })
  hurried.destroy()
  await eventually(async () => {
    const channels = await soketi.occupiedChannels()
    return channels.includes(channel) && !channels.includes(fleeting)
  })
  await sleep(200)
  assert.ok(!(await soketi.occupiedChannels()).includes(fleeting))
})

test('a closed socket is not added to any of Soketi’s lists', async () => {
  const packages = folderOf('soketi')
  const program = `
    const { Namespace } = require('@soketi/soketi/dist/namespace')
    const lists = new Namespace('app')
    const enter = (ws) => Promise.all([lists.addSocket(ws), lists.addToChannel(ws, ws.id), lists.addUser(ws)])
    const socket = (id, isClosed) => ({ id, user: { id }, guard: { isClosed, channels: new Set([id]) } })
    const show = () => console.log(lists.sockets.size, lists.channels.size, lists.users.size)
    enter(socket('closed', true)).then(show)
      .then(() => enter(socket('open', false))).then(show)
      .then(() => lists.removeSocket('open')).then(show)`
  const args = ['--require', join(packages, 'guard.cjs'), '--eval', program]
  const options = { cwd: packages, encoding: 'utf8' } as const
  const { stdout } = spawnSync(await soketiNode(packages, () => {}), args, options)
  assert.equal(stdout, '0 0 0\n1 1 1\n0 0 1\n')
})

test('a flood of frames ends only its socket, and the site’s socket has no such limit', async () => {
  const [bystander, flood] = [await soketi.open(), await soketi.open()]
  for (let sent = 0; sent < 400; sent++) flood.send({ event: 'pusher:ping', data: {} })
  assert.equal(await flood.ended(), 4100)
  const answered = flood.frames.filter(({ event }) => event === 'pusher:pong').length
  assert.ok(answered >= 300 && answered < 350, `${answered} answered`)
  assert.ok(await bystander.isOpen())

  const site = await soketi.open()
  await soketi.signIn(site, `site-${randomUUID()}`)
  for (let sent = 0; sent < 400; sent++) site.send({ event: 'pusher:ping', data: {} })
  assert.ok(await site.isOpen())
})

test('a socket that does not read is closed, and the others receive everything', async () => {
  const channel = conversationChannel()
  const [reader, slow] = [await soketi.open(), await soketi.open()]
  await soketi.subscribe(reader, channel)
  await soketi.subscribe(slow, channel)
  const id = randomUUID()
  await soketi.signIn(slow, id)
  await slow.subscribe(`#server-to-user-${id}`)
  slow.socket.pause()
  // The system's own buffers take some megabytes first.
  const count = 150
  for (let sent = 0; sent < count; sent++) await soketi.api.trigger(channel, 'big', 'x'.repeat(90_000))
  await eventually(() => reader.frames.filter(({ event }) => event === 'big').length === count)
  await eventually(async () => !(await soketi.occupiedChannels()).includes(`#server-to-user-${id}`))
  assert.ok(await reader.isOpen())
})
