import 'server-only'
import { createHash, createHmac } from 'node:crypto'
import { once } from 'node:events'
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingMessage,
} from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import Pusher from 'pusher'
import { processState } from '@/db/process-state'
import { env } from '@/lib/env'

const timeoutMs = 2000
// Shorter than the 10 s after which Soketi closes an idle connection.
const keeping = { keepAlive: true, timeout: 5000 }
const agents = { 'http:': new HttpAgent(keeping), 'https:': new HttpsAgent(keeping) }
const protocolOf = (url: URL) => (url.protocol === 'https:' ? 'https:' : 'http:')

/** The client of Soketi's HTTP API. Calls give up after 2 s. */
export const soketi = () => processState('soketi', connect)

function connect() {
  const { SOKETI_URL, SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET } = env()
  const url = new URL(SOKETI_URL)
  const useTLS = protocolOf(url) === 'https:'
  return new Pusher({
    appId: SOKETI_APP_ID,
    key: SOKETI_APP_KEY,
    secret: SOKETI_APP_SECRET,
    host: url.hostname,
    port: url.port || (useTLS ? '443' : '80'),
    useTLS,
    timeout: timeoutMs,
    agent: agents[protocolOf(url)],
  })
}

/** An event on up to 100 channels, with its data as JSON. */
export type Entry = { channels: string[]; name: string; data: string }

/** Soketi answered a call with another status than 200. */
export class SoketiError extends Error {}

/**
 * Triggers up to ten events in one call, which gives up after 2 s. Not by the `pusher` package, which takes more than
 * twice the CPU for each message.
 */
export async function trigger(batch: Entry[]) {
  const body = JSON.stringify({ batch })
  const first = post('/batch_events', body)
  await accepted(first).catch((error) => {
    // Soketi had closed the idle connection. The retry opens a new one.
    if (first.reusedSocket && error.code === 'ECONNRESET') return accepted(post('/batch_events', body))
    throw error
  })
}

function post(path: string, body: string) {
  const url = new URL(env().SOKETI_URL)
  const { protocol, hostname, port } = url
  const request = protocol === 'https:' ? httpsRequest : httpRequest
  const sent = request({
    protocol,
    hostname,
    port,
    path: signedPath(path, body),
    method: 'POST',
    agent: agents[protocolOf(url)],
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
    // An AbortSignal, and reading the whole answer, would take half as much CPU again.
    timeout: timeoutMs,
  })
  sent.on('timeout', () => sent.destroy(new Error(`Soketi did not answer within ${timeoutMs} ms.`)))
  // Errors are handled in `accepted`. Errors while the answer is read need a listener too.
  sent.on('error', () => {}).end(body)
  return sent
}

function signedPath(path: string, body: string) {
  const { SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET } = env()
  const whole = `/apps/${SOKETI_APP_ID}${path}`
  const md5 = createHash('md5').update(body).digest('hex')
  // In alphabetical order, which the signature requires.
  const query = `auth_key=${SOKETI_APP_KEY}&auth_timestamp=${Math.floor(Date.now() / 1000)}&auth_version=1.0&body_md5=${md5}`
  const signed = createHmac('sha256', SOKETI_APP_SECRET).update(`POST\n${whole}\n${query}`)
  return `${whole}?${query}&auth_signature=${signed.digest('hex')}`
}

async function accepted(sent: ClientRequest) {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  if (response.statusCode === 200) return void response.resume()
  throw new SoketiError(`Soketi answered ${response.statusCode}: ${await text(response)}`)
}
