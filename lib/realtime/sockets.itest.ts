import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect as connectTo, createServer } from 'node:net'
import { after, before, test } from 'node:test'
import { endLoginSession } from '@/lib/login-sessions'
import { person } from '@/testing/people'
import { connect } from '@/testing/sockets'

/** Whether what this process asks Soketi for gets there. Its clients' sockets go another way. */
let isReachable = true
const soketi = new URL(String(process.env.SOKETI_URL))
const line = createServer((socket) => {
  if (!isReachable) return socket.destroy()
  const server = connectTo(Number(soketi.port), soketi.hostname)
  socket.pipe(server).pipe(socket)
  for (const end of [socket, server]) end.on('error', () => {})
}).listen(0, '127.0.0.1')

before(() => once(line, 'listening'))
after(() => line.close())

test('the sockets of a login session that ended while Soketi was out of reach are closed once it is back', async () => {
  const ada = await person()
  const socket = await connect(ada)
  process.env.SOKETI_URL = `http://127.0.0.1:${(line.address() as AddressInfo).port}`
  isReachable = false
  await endLoginSession(ada, ada.loginSessionId)
  assert.ok(socket.isConnected)
  isReachable = true
  await socket.closes()
})
