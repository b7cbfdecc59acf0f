import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { endLoginSession } from '@/lib/login-sessions'
import { person } from '@/testing/people'
import { connect } from '@/testing/sockets'
import { TcpProxy } from '@/testing/tcp-proxy'

/** The way from this process to Soketi. Its clients' sockets do not use it. */
const proxy = new TcpProxy(String(process.env.SOKETI_URL))
before(() => proxy.listen())

test('sockets of a login session that ended while Soketi was unreachable are closed when it returns', async () => {
  const ada = await person()
  const socket = await connect(ada)
  process.env.SOKETI_URL = proxy.url
  proxy.close()
  await endLoginSession(ada, ada.loginSessionId)
  assert.ok(socket.isConnected)
  await proxy.listen()
  await socket.closes()
})
