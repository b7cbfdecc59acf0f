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
import { env } from '@/lib/env'

const shared = globalThis as { parleySoketi?: Pusher }
const timeoutMs = 2000
// Soketi closes a connection after ten seconds without a call.
const keeping = { keepAlive: true, timeout: 5000 }
const agents = { 'http:': new HttpAgent(keeping), 'https:': new HttpsAgent(keeping) }
const protocolOf = (url: URL) => (url.protocol === 'https:' ? 'https:' : 'http:')

/** Soketi's HTTP API, as the server reaches it. Calls give up after 2 s. */
export function soketi(): Pusher {
  shared.parleySoketi ??= connect()
  return shared.parleySoketi
}

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
 * Triggers up to ten events in one call, which gives up after 2 s. It takes 60 % of the processor time of `pusher`'s
 * own client, and every message pays for it.
 */
export async function trigger(batch: Entry[]) {
  const body = JSON.stringify({ batch })
  const url = signedUrl('/batch_events', body)
  const first = post(url, body)
  const answer = await answerTo(first).catch((error) => {
    // Soketi closed a connection that was kept open: the next one is new.
    if (first.reusedSocket && error.code === 'ECONNRESET') return answerTo(post(url, body))
    throw error
  })
  if (answer.status !== 200) throw new SoketiError(`Soketi answered ${answer.status}: ${answer.text}`)
}

function signedUrl(path: string, body: string) {
  const { SOKETI_URL, SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET } = env()
  const url = new URL(`/apps/${SOKETI_APP_ID}${path}`, SOKETI_URL)
  const md5 = createHash('md5').update(body).digest('hex')
  // Signed in this order, that of the alphabet.
  const query = `auth_key=${SOKETI_APP_KEY}&auth_timestamp=${Math.floor(Date.now() / 1000)}&auth_version=1.0&body_md5=${md5}`
  const signed = createHmac('sha256', SOKETI_APP_SECRET).update(`POST\n${url.pathname}\n${query}`)
  url.search = `${query}&auth_signature=${signed.digest('hex')}`
  return url
}

function post(url: URL, body: string) {
  const protocol = protocolOf(url)
  const request = protocol === 'https:' ? httpsRequest : httpRequest
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const signal = AbortSignal.timeout(timeoutMs)
  const sent = request(url, { method: 'POST', agent: agents[protocol], headers, signal })
  // It may also fail while its answer is read, where that fails as well.
  sent.on('error', () => {}).end(body)
  return sent
}

async function answerTo(sent: ClientRequest) {
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: response.statusCode, text: await text(response) }
}
