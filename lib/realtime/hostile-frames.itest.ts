import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { friends, person, say } from '@/testing/people'
import { RawSocket } from '@/testing/raw-socket'
import { connect } from '@/testing/sockets'
import { conversationChannel, presenceChannel, userChannel } from './channels'

const soketiPid = () => {
  const file = join(String(process.env.PARLEY_DATA_DIR), 'running.json')
  return JSON.parse(readFileSync(file, 'utf8')).services.soketi.pid as number
}

const id = randomUUID()
const hostileFrames: unknown[] = [
  ...['', '{', 'null', '[]', '"x"', '['.repeat(30_000), '\0'],
  ...[
    {},
    { event: 5 },
    { event: 'pusher:hello' },
    { event: 'client-x', channel: presenceChannel(id), data: 'x' },
  ],
  ...['subscribe', 'unsubscribe', 'signin'].flatMap((kind) =>
    [undefined, null, 5, { channel: 5 }, { channel: { length: 1 } }, { auth: 5, user_data: 5 }].map(
      (data) => ({
        event: `pusher:${kind}`,
        data,
      }),
    ),
  ),
  { event: 'pusher:ping', data: 'x'.repeat(100_000) },
  { event: 'pusher:subscribe', data: { channel: 'x'.repeat(10_000) } },
  { event: 'client-typing', channel: presenceChannel(id), data: { text: 'x'.repeat(10_000) } },
  { event: 'pusher:signin', data: { auth: 'x', user_data: '{"id":"site-x"}' } },
]

test('1,000 hostile frames from 50 sockets end those sockets, and affect nobody else', async (t) => {
  const { ada, bob, id: conversation } = await friends()
  const socket = await connect(bob)
  await socket.subscribe(conversationChannel(conversation))
  await (await connect(ada)).subscribe(userChannel(ada.id))
  const before = soketiPid()
  const times: number[] = []
  let isOver = false

  const attack = async (worker: number) => {
    for (let turn = 0; turn < 20; turn++) {
      const eve = await RawSocket.open(String(process.env.SOKETI_URL), String(process.env.SOKETI_APP_KEY))
      eve.send(hostileFrames[(worker * 20 + turn) % hostileFrames.length])
      await eve.ended()
    }
  }
  const talk = async () => {
    for (let turn = 0; !isOver || turn < 3; turn++) {
      const body = `message ${turn}`
      const began = performance.now()
      await say(ada, conversation, body)
      await socket.receives('message.created', ({ data }) => data.body === body)
      times.push(performance.now() - began)
    }
  }
  const attacks = Promise.all(Array.from({ length: 50 }, (_, worker) => attack(worker))).finally(() => {
    isOver = true
  })
  await Promise.all([attacks, talk()])

  const slowest = Math.round(Math.max(...times))
  t.diagnostic(`${times.length} messages meanwhile, the slowest after ${slowest} ms`)
  assert.equal(soketiPid(), before)
  assert.ok(socket.isConnected)
  await (await connect(await person())).disconnect()
})
