// The simplest server with Parley's design: for each request one SQL statement and one trigger of Soketi, without any
// checks.
import { createHash, createHmac } from 'node:crypto'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reportReady } from './child'
import { openStore } from './store'

const { SOKETI_URL, SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET = '' } = process.env
const agent = new Agent({ keepAlive: true })
const store = await openStore()

const server = createServer(async (request, response) => {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) text += chunk
  const message = await store.add(JSON.parse(text))
  trigger(`private-conversation-${message.conversationId}`, 'message.created', JSON.stringify(message))
  response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(message))
})
server.listen(0, '127.0.0.1', () => reportReady(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))

function trigger(channel: string, name: string, data: string) {
  const body = JSON.stringify({ channels: [channel], name, data })
  const path = `/apps/${SOKETI_APP_ID}/events`
  const hash = createHash('md5').update(body).digest('hex')
  const query = `auth_key=${SOKETI_APP_KEY}&auth_timestamp=${Math.floor(Date.now() / 1000)}&auth_version=1.0&body_md5=${hash}`
  const signature = createHmac('sha256', SOKETI_APP_SECRET).update(`POST\n${path}\n${query}`).digest('hex')
  request(`${SOKETI_URL}${path}?${query}&auth_signature=${signature}`, {
    method: 'POST',
    agent,
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  })
    .on('response', (response) => response.resume())
    .end(body)
}
