import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { addressOf, freePort, requirePort } from './ports'

test('names the port and the setting if the port is in use', async () => {
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

test('names the setting if the host is not an address of this machine', async () => {
  await assert.rejects(requirePort('PORT', 3000, '192.0.2.1'), /HOST/)
})

test('a server that listens on all addresses is reached over loopback', () => {
  assert.equal(addressOf('0.0.0.0', 1), 'http://127.0.0.1:1')
  assert.equal(addressOf('::', 1), 'http://[::1]:1')
  assert.equal(addressOf('chat.example', 80), 'http://chat.example:80')
})
