import assert from 'node:assert/strict'
import { test } from 'node:test'
import { socketOptions } from './pusher-options'

test('an address without a port means the usual port of its protocol', () => {
  const ports = (address: string) => {
    const { wsHost, wsPort, wssPort, forceTLS, enabledTransports } = socketOptions(address)
    return [wsHost, forceTLS ? wssPort : wsPort, ...enabledTransports]
  }
  assert.deepEqual(ports('http://chat.example'), ['chat.example', 80, 'ws'])
  assert.deepEqual(ports('https://chat.example'), ['chat.example', 443, 'wss'])
  assert.deepEqual(ports('http://127.0.0.1:6001'), ['127.0.0.1', 6001, 'ws'])
  assert.deepEqual(ports('https://chat.example:6001'), ['chat.example', 6001, 'wss'])
})

test('a client notices a connection that hangs within the 15 s of the contract', () => {
  const { activityTimeout, pongTimeout } = socketOptions('http://chat.example')
  assert.ok(activityTimeout + pongTimeout < 15_000)
})
