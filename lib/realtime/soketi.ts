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
// Soketi closes a connection after ten seconds without a call.
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

/** One event on up to 100 channels, with its data as JSON. */
export type Entry = { channels: string[]; name: string; data: string }

/** Soketi answered a call, and not with 200. */
export class SoketiError extends Error {}

/**
 * Triggers up to ten events in one call, which gives up after 2 s. `pusher`'s own client takes more than twice the
 * processor time, and every message pays for it.
 */
export async function trigger(batch: Entry[]) {
  const body = JSON.stringify({ batch })
  const first = post('/batch_events', body)
  await accepted(first).catch((error) => {
    // Soketi closed a connection that was kept open: the next one is new.
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
    // A signal, and reading the whole answer, would take half as much processor time again.
    timeout: timeoutMs,
  })
  sent.on('timeout', () => sent.destroy(new Error(`Soketi did not answer within ${timeoutMs} ms.`)))
  // It may also fail while its answer is read, where that fails as well.
  sent.on('error', () => {}).end(body)
  return sent
}

function signedPath(path: string, body: string) {
  const { SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET } = env()
  const whole = `/apps/${SOKETI_APP_ID}${path}`
  const md5 = createHash('md5').update(body).digest('hex')
  // Signed in this order, that of the alphabet.
  const query = `auth_key=${SOKETI_APP_KEY}&auth_timestamp=${Math.floor(Date.now() / 1000)}&auth_version=1.0&body_md5=${md5}`
  const signed = createHmac('sha256', SOKETI_APP_SECRET).update(`POST\n${whole}\n${query}`)
  return `${whole}?${query}&auth_signature=${signed.digest('hex')}`
}

async function accepted(sent: ClientRequest) {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  if (response.statusCode === 200) return void response.resume()
  throw new SoketiError(`Soketi answered ${response.statusCode}: ${await text(response)}`)
}
