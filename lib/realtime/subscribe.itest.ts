import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, test } from 'node:test'
import Pusher from 'pusher-js'
import { eventually } from '@/testing/eventually'
import { conversationChannel } from './channels'
import { soketi } from './soketi'
import { type Heard, listen } from './subscribe'

// The process has one socket for all its listeners, and ends when that is closed.
after(() => {
  for (const pusher of Pusher.instances) {
    pusher.disconnect()
    // It would open again by itself.
    pusher.connect = () => {}
  }
})

/** What a listener of the channel hears. */
async function hear(channel: string) {
  const heard: Heard[] = []
  listen(channel, (one) => heard.push(one))
  await eventually(() => heard.includes('ask'))
  return heard
}

test('events that the contract does not have reach no listener', async () => {
  const channel = conversationChannel(randomUUID())
  const heard = await hear(channel)
  for (const name of ['client-typing', 'message.unknown', 'constructor', 'pusher:error', 'message.created'])
    await soketi().trigger(channel, name, { name })
  await eventually(() => heard.length > 1)
  assert.deepEqual(heard, ['ask', { name: 'message.created', data: { name: 'message.created' } }])
})

test('the site’s own socket listens to more channels than anyone else’s may', async () => {
  const all = await Promise.all(Array.from({ length: 250 }, () => hear(conversationChannel(randomUUID()))))
  assert.equal(all.length, 250)
})
