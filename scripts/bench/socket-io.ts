// The same chat with socket.io: one process with all sockets, and the same SQL statement.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { reportReady } from './child'
import { openStore } from './store'

const server = createServer()
const io = new Server(server, { transports: ['websocket'], serveClient: false })
const store = await openStore()

io.on('connection', (socket) => {
  const { conversationId } = socket.handshake.auth
  socket.join(conversationId)
  socket.on('send', async (draft, done) => {
    const message = await store.add({ ...draft, conversationId })
    io.to(conversationId).emit('message.created', message)
    done()
  })
})
server.listen(0, '127.0.0.1', () => reportReady(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
