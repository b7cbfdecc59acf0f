import 'server-only'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import Pusher from 'pusher'
import { env } from '@/lib/env'

const shared = globalThis as { parleySoketi?: Pusher }

/** Soketi's HTTP API, as the server reaches it. Calls give up after 2 s. */
export function soketi(): Pusher {
  shared.parleySoketi ??= connect()
  return shared.parleySoketi
}

function connect() {
  const { SOKETI_URL, SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET } = env()
  const { protocol, hostname, port } = new URL(SOKETI_URL)
  const useTLS = protocol === 'https:'
  return new Pusher({
    appId: SOKETI_APP_ID,
    key: SOKETI_APP_KEY,
    secret: SOKETI_APP_SECRET,
    host: hostname,
    port: port || (useTLS ? '443' : '80'),
    useTLS,
    timeout: 2000,
    agent: useTLS ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true }),
  })
}
