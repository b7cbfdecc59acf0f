import { join } from 'node:path'
import type { EnvSource } from '@/lib/env'
import { logTo } from '../log-file'
import { addressOf } from '../ports'
import { killGroup } from '../processes'
import type { ServiceDefinition } from '../supervisor'
import { spawnNode } from './node-process'
import { statusOf } from './status'

interface SiteOptions {
  root: string
  /** The compiled main.ts. */
  serverFile: string
  mode: 'start' | 'dev'
  host: string
  port: number
  logDir: string
  /** Shows only errors. The log in the data folder has everything. */
  isQuiet: boolean
  env: EnvSource
  /** Receives the site's output. */
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
}: SiteOptions): ServiceDefinition {
  // The output until the site is ready is hidden, because the launcher prints the address itself. If the site does not
  // start, `explain` returns it.
  let hidden: string | undefined = ''
  const take = (chunk: Buffer) => {
    if (hidden === undefined) show(chunk)
    else hidden += chunk
  }
  let last: number | undefined
  return {
    name: 'The site',
    spawn: () => {
      // Of several processes, one that was suspended outlives the primary, and would keep the port.
      if (last) killGroup(last)
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
      last = child.pid
      hidden = ''
      child.stdout.on('data', (chunk) => (isQuiet && hidden === undefined) || take(chunk))
      child.stderr.on('data', take)
      logTo(join(logDir, 'site.log'), child.stdout, child.stderr)
      return child
    },
    isReady: async () => {
      // Any status counts as ready, because the health may depend on services that are still starting.
      const isReady = (await statusOf(`${addressOf(host, port)}/api/health`, 20_000)) !== undefined
      if (isReady) hidden = undefined
      return isReady
    },
    stopSignal: 'SIGTERM',
    killSignal: 'SIGKILL',
    // With the time of the other services, everything has stopped within 10 s.
    patience: 7000,
    explain: () => hidden ?? '',
  }
}
