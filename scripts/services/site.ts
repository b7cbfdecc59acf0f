import type { Readable } from 'node:stream'
import type { EnvSource } from '@/lib/env'
import { addressOf } from '../ports'
import type { PartOptions } from '../supervisor'
import { spawnNode } from './node-process'

interface SiteOptions {
  root: string
  mode: 'start' | 'dev'
  host: string
  port: number
  env: EnvSource
}

export function site({ root, mode, host, port, env }: SiteOptions): Omit<PartOptions, 'say' | 'onSpawn'> {
  return {
    name: 'The site',
    spawn: () => {
      const child = spawnNode({
        args: ['node_modules/next/dist/bin/next', mode, '-H', host, '-p', String(port)],
        cwd: root,
        env: { ...process.env, ...env, NODE_ENV: mode === 'dev' ? 'development' : 'production' },
      })
      passOnBelowBanner(child.stdout)
      child.stderr.pipe(process.stderr, { end: false })
      return child
    },
    isReady: () => answers(addressOf(host, port)),
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
    patience: 5000,
  }
}

/** What the site logs is shown; Next's banner is not, as the launcher says the address itself. */
function passOnBelowBanner(output: Readable) {
  let below = false
  output.on('data', (chunk: Buffer) => {
    if (below) process.stdout.write(chunk)
    else below = chunk.includes('Ready in')
  })
}

/** Any answer will do: what it thinks of its health may depend on parts that are still starting. */
async function answers(address: string) {
  try {
    await fetch(`${address}/api/health`, { signal: AbortSignal.timeout(20_000), redirect: 'manual' })
    return true
  } catch {
    return false
  }
}
