import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { EnvSource } from '@/lib/env'
import { logTail, logTo } from '../log-file'
import { addressOf, freePort } from '../ports'
import type { ServiceDefinition } from '../supervisor'
import { installService } from './install'
import { basicEnv, spawnNode } from './node-process'
import { statusOf } from './status'

export interface SoketiApp {
  id: string
  key: string
  secret: string
}

interface SoketiOptions {
  packages: string
  node: string
  host: string
  port: number
  app: SoketiApp
  webhookUrl: string
  logDir: string
  env: EnvSource
}

/**
 * The Node.js that runs Soketi. Its WebSocket binary exists for some versions only; otherwise npm installs one of
 * them.
 */
export async function soketiNode(packages: string, say: (line: string) => void) {
  const { platform, arch, versions, execPath } = process
  const binary = `node_modules/uws-pack/dist/bin/uws_${platform}_${arch}_${versions.modules}.node`
  if (existsSync(join(packages, binary))) return execPath
  const folder = await installService('node22', 'Node.js 22 for Soketi', say)
  return join(folder, 'node_modules/node/bin', platform === 'win32' ? 'node.exe' : 'node')
}

export function soketi(options: SoketiOptions): ServiceDefinition {
  const { packages, node, host, port, app, logDir } = options
  const log = join(logDir, 'soketi.log')
  return {
    name: 'Soketi',
    spawn: async () => {
      const child = spawnNode({
        node,
        args: [
          '--require',
          join(packages, 'guard.cjs'),
          join(packages, 'node_modules/@soketi/soketi/bin/server.js'),
          'start',
        ],
        // Soketi reads a .env file in its working folder, so this must not be the site's.
        cwd: packages,
        env: {
          ...limitsEnv(options.env),
          ...basicEnv(options.env, /^SOKETI_/),
          NODE_ENV: 'production',
          ...(await soketiEnv(options)),
        },
      })
      logTo(log, child.stdout, child.stderr)
      return child
    },
    isReady: () => answersCall(addressOf(host, port), app),
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
    patience: 4000,
    explain: () => logTail(log),
  }
}

/** Settings of guard.cjs, derived from those of the site. */
const limitsEnv = ({ TRUST_PROXY, PARLEY_LIMITS }: EnvSource) => ({
  SOKETI_TRUST_PROXY: TRUST_PROXY,
  ...(PARLEY_LIMITS === 'off' && { SOKETI_SOCKETS_PER_ADDRESS: '0' }),
})

const soketiEnv = async ({ host, port, app, webhookUrl }: SoketiOptions) => ({
  SOKETI_HOST: host,
  SOKETI_PORT: String(port),
  // The metrics server listens even if it is turned off.
  SOKETI_METRICS_ENABLED: 'false',
  SOKETI_METRICS_HOST: '127.0.0.1',
  SOKETI_METRICS_SERVER_PORT: String(await freePort()),
  SOKETI_SHUTDOWN_GRACE_PERIOD: '0',
  SOKETI_DEFAULT_APP_ID: app.id,
  SOKETI_DEFAULT_APP_KEY: app.key,
  SOKETI_DEFAULT_APP_SECRET: app.secret,
  SOKETI_DEFAULT_APP_USER_AUTHENTICATION: 'true',
  // For typing. Soketi's own limit is off, because it never frees a socket's counter; guard.cjs limits all frames
  // instead.
  SOKETI_DEFAULT_APP_ENABLE_CLIENT_MESSAGES: 'true',
  SOKETI_DEFAULT_APP_MAX_CLIENT_EVENTS_PER_SEC: '-1',
  SOKETI_DEFAULT_APP_MAX_BACKEND_EVENTS_PER_SEC: '-1',
  SOKETI_DEFAULT_APP_MAX_READ_REQ_PER_SEC: '-1',
  SOKETI_DEFAULT_APP_WEBHOOKS: JSON.stringify([
    { url: webhookUrl, event_types: ['channel_occupied', 'channel_vacated'] },
  ]),
})

/** Soketi's readiness check reports OK even if nothing works, so this makes a signed call of its API instead. */
async function answersCall(address: string, { id, key, secret }: SoketiApp) {
  const path = `/apps/${id}/channels`
  const query = `auth_key=${key}&auth_timestamp=${Math.floor(Date.now() / 1000)}&auth_version=1.0`
  const signature = createHmac('sha256', secret).update(`GET\n${path}\n${query}`).digest('hex')
  return (await statusOf(`${address}${path}?${query}&auth_signature=${signature}`, 2000)) === 200
}
