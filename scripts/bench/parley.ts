import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { report } from './child'

/** What the bench knows of a running Parley. */
export interface Site {
  url: string
  /** Where its parts are: `DATABASE_URL`, `SOKETI_…`. */
  env: Record<string, string>
  pids: { site: number; postgres: number; soketi: number }
}

// The Parley of the working folder, which may be another checkout than this script's.
const { startTemporaryParley } = await import(pathToFileURL(join(process.cwd(), 'scripts/temporary.ts')).href)
const { url, env, parts, stop } = await startTemporaryParley({ env: { PARLEY_LIMITS: 'off' } })
const pids = { site: parts.site.pid, postgres: parts.postgres.pid, soketi: parts.soketi.pid }
report({ url, env, pids } satisfies Site, stop)
