import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { test } from 'node:test'

const { isChannel, readFrame } = createRequire(import.meta.url)('./frames.cjs')

const read = (frame: unknown) => readFrame(Buffer.from(JSON.stringify(frame)))
const id = randomUUID()

test('a frame of a known kind is read without fields of other kinds', () => {
  const data = { channel: `private-user-${id}`, auth: 'x' }
  assert.deepEqual(read({ event: 'pusher:subscribe', data: { ...data, more: 1 }, more: 1 }), {
    event: 'pusher:subscribe',
    data: { ...data, channel_data: undefined },
  })
  assert.deepEqual(read({ event: 'pusher:ping', data: {} }), { event: 'pusher:ping' })
  for (const data of [{}, undefined])
    assert.deepEqual(read({ event: 'client-typing', data, channel: 'x' }), {
      event: 'client-typing',
      data: {},
      channel: 'x',
    })
})

test('malformed, large and unknown frames are not read', () => {
  for (const frame of [
    null,
    'pusher:ping',
    [],
    {},
    { event: ['pusher:ping'] },
    { event: 'pusher:hello' },
    { event: 'constructor' },
    ...['subscribe', 'unsubscribe'].flatMap((kind) => [
      { event: `pusher:${kind}` },
      ...[
        null,
        'x',
        {},
        { channel: 5 },
        { channel: '' },
        { channel: ['x'] },
        { channel: 'x'.repeat(201) },
      ].map((data) => ({ event: `pusher:${kind}`, data })),
    ]),
    { event: 'pusher:subscribe', data: { channel: 'x', auth: 5 } },
    { event: 'pusher:subscribe', data: { channel: 'x', channel_data: {} } },
    { event: 'pusher:signin', data: { auth: 'x' } },
    { event: 'pusher:signin', data: { user_data: '{}' } },
    { event: 'client-typing', data: {} },
    ...['x', '', null, [], [1], { a: 1 }, 5].map((data) => ({ event: 'client-typing', channel: 'x', data })),
    { event: 'client-other', channel: 'x', data: {} },
    { event: 'pusher:ping', data: 'x'.repeat(32 * 1024) },
  ])
    assert.equal(read(frame), undefined, JSON.stringify(frame)?.slice(0, 200))
  for (const text of ['', '{', '\0', '['.repeat(20_000)])
    assert.equal(readFrame(Buffer.from(text)), undefined)
})

test('only channels of the contract are allowed', () => {
  for (const name of [
    `private-user-${id}`,
    `private-conversation-${id}`,
    `presence-conversation-${id}`,
    'private-people',
    `private-attendance-${id}_${id}`,
  ])
    assert.ok(isChannel(name), name)
  for (const name of [
    '',
    'lobby',
    'private-user-',
    `private-user-${id}\n`,
    `xprivate-user-${id}`,
    `private-user-${id.toUpperCase()}`,
    `presence-user-${id}`,
    `private-encrypted-user-${id}`,
    `private-cache-conversation-${id}`,
    `presence-cache-conversation-${id}`,
    'private-people-x',
    'presence-people',
    `private-attendance-${id}`,
    `#server-to-user-${id}`,
  ])
    assert.ok(!isChannel(name), name)
})
