import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { addressOf, freePort, requirePort } from './ports'

test('names the port and the setting when a port is taken', async () => {
  const port = await freePort()
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  await assert.rejects(requirePort('SOKETI_PORT', port, '127.0.0.1'), (error: Error) => {
    assert.match(error.message, new RegExp(`${port}.*SOKETI_PORT`))
    return true
  })
  server.close()
  await once(server, 'close')
  await requirePort('SOKETI_PORT', port, '127.0.0.1')
})

test('names the setting when a host is not of this machine', async () => {
  await assert.rejects(requirePort('PORT', 3000, '192.0.2.1'), /HOST/)
})

test('reaches a server that listens everywhere over loopback', () => {
  assert.equal(addressOf('0.0.0.0', 1), 'http://127.0.0.1:1')
  assert.equal(addressOf('::', 1), 'http://[::1]:1')
  assert.equal(addressOf('chat.example', 80), 'http://chat.example:80')
})
