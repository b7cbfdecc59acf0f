import { join } from 'node:path'
import type { EnvSource } from '@/lib/env'
import { logTo } from '../log-file'
import { addressOf } from '../ports'
import type { ServiceOptions } from '../supervisor'
import { ask } from './ask'
import { spawnNode } from './node-process'

interface SiteOptions {
  root: string
  /** server.ts, built. */
  serverFile: string
  mode: 'start' | 'dev'
  host: string
  port: number
  logDir: string
  /** Shows only what went wrong; the log in the data folder has the rest. */
  isQuiet: boolean
  env: EnvSource
  /** Where its output goes. */
  show: (chunk: Buffer) => void
}

export function site({
  root,
  serverFile,
  mode,
  host,
  port,
  logDir,
  isQuiet,
  env,
  show,
}: SiteOptions): Omit<ServiceOptions, 'say' | 'onSpawn'> {
  // Next's banner is hidden, as the launcher says the address itself; it is shown where nothing comes after it.
  let hidden: string | undefined = ''
  const take = (chunk: Buffer) => {
    if (hidden === undefined) show(chunk)
    else hidden += chunk
  }
  return {
    name: 'The site',
    spawn: () => {
      const child = spawnNode({
        args: [serverFile],
        cwd: root,
        env: {
          ...env,
          HOST: host,
          PORT: String(port),
          NODE_ENV: mode === 'dev' ? 'development' : 'production',
        },
      })
      hidden = ''
      child.stdout.on('data', (chunk) => (isQuiet && hidden === undefined) || take(chunk))
      child.stderr.on('data', take)
      logTo(join(logDir, 'site.log'), child.stdout, child.stderr)
      return child
    },
    isReady: async () => {
      // Any answer will do: what it thinks of its health may depend on services that are still starting.
      const ready = (await ask(`${addressOf(host, port)}/api/health`, 20_000)) !== undefined
      if (ready) hidden = undefined
      return ready
    },
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
    // It ends itself after 9 s at the latest; with the others' time all is over within 10.
    patience: 7000,
    explain: () => hidden ?? '',
  }
}
