import type { EnvSource } from '@/lib/env'
import { addressOf } from '../ports'
import type { PartOptions } from '../supervisor'
import { ask } from './ask'
import { spawnNode } from './node-process'

interface SiteOptions {
  root: string
  mode: 'start' | 'dev'
  host: string
  port: number
  env: EnvSource
}

export function site({ root, mode, host, port, env }: SiteOptions): Omit<PartOptions, 'say' | 'onSpawn'> {
  // Next's banner is hidden, as the launcher says the address itself; it is shown where nothing comes after it.
  let hidden: string | undefined = ''
  const show = (chunk: Buffer) => {
    if (hidden === undefined) process.stdout.write(chunk)
    else hidden += chunk
  }
  return {
    name: 'The site',
    spawn: () => {
      const child = spawnNode({
        args: ['node_modules/next/dist/bin/next', mode, '-H', host, '-p', String(port)],
        cwd: root,
        env: { ...env, NODE_ENV: mode === 'dev' ? 'development' : 'production' },
      })
      hidden = ''
      for (const stream of [child.stdout, child.stderr]) stream.on('data', show)
      return child
    },
    isReady: async () => {
      // Any answer will do: what it thinks of its health may depend on parts that are still starting.
      const ready = (await ask(`${addressOf(host, port)}/api/health`, 20_000)) !== undefined
      if (ready) hidden = undefined
      return ready
    },
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
    patience: 5000,
    explain: () => hidden ?? '',
  }
}
