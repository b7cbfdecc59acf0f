import assert from 'node:assert/strict'
import { test } from 'node:test'
import Pusher from 'pusher-js'
import { socketOptions } from './pusher-options'

test('an address without a port means the usual port of its protocol', () => {
  const ports = (address: string) => {
    const { wsHost, wsPort, wssPort, forceTLS } = socketOptions(address)
    return [wsHost, ...(forceTLS ? ['wss', wssPort] : ['ws', wsPort])]
  }
  assert.deepEqual(ports('http://chat.example'), ['chat.example', 'ws', 80])
  assert.deepEqual(ports('https://chat.example'), ['chat.example', 'wss', 443])
  assert.deepEqual(ports('http://127.0.0.1:6001'), ['127.0.0.1', 'ws', 6001])
  assert.deepEqual(ports('https://chat.example:6001'), ['chat.example', 'wss', 6001])
})

test('pusher-js can connect over plain and secure connections', () => {
  for (const address of ['http://127.0.0.1:9', 'https://127.0.0.1:9']) {
    const pusher = new Pusher('key', socketOptions(address))
    assert.equal(pusher.connection.state, 'connecting')
    pusher.disconnect()
  }
})

test('a client notices a connection that hangs within the 15 s of the contract', () => {
  const { activityTimeout, pongTimeout } = socketOptions('http://chat.example')
  assert.ok(activityTimeout + pongTimeout < 15_000)
})
