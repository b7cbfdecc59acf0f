import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import Pusher from 'pusher-js'
import { eventually } from '@/testing/eventually'
import { conversationChannel } from './channels'
import { soketi } from './soketi'
import { type Received, subscribe } from './subscribe'

// All subscriptions share one socket, and the process ends when it is closed.
after(() => {
  for (const pusher of Pusher.instances) {
    pusher.disconnect()
    // Or it would reconnect.
    pusher.connect = () => {}
  }
})

/** Subscribes to the channel. @returns what the listener has received, as it grows */
async function open(channel: string) {
  const received: Received[] = []
  subscribe(channel, (one) => received.push(one))
  await eventually(() => received.includes('gap'))
  return received
}

test('events that are not in the contract reach no listener', async () => {
  const channel = conversationChannel(randomUUID())
  const received = await open(channel)
  for (const name of ['client-typing', 'message.unknown', 'constructor', 'pusher:error', 'message.created'])
    await soketi().trigger(channel, name, { name })
  await eventually(() => received.length > 1)
  assert.deepEqual(received, ['gap', { name: 'message.created', data: { name: 'message.created' } }])
})

test('the site’s own socket subscribes to more channels than any other may', async () => {
  const all = await Promise.all(Array.from({ length: 250 }, () => open(conversationChannel(randomUUID()))))
  assert.equal(all.length, 250)
})
