import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { reportReady } from './child'

/** A running Parley. */
export interface Site {
  url: string
  /** The addresses of its services: `DATABASE_URL`, `SOKETI_…`. */
  env: Record<string, string>
  /** Those of PostgreSQL and Soketi are missing if their addresses were given. */
  pids: { site: number; postgres: number; soketi: number }
}

// Starts the Parley of the working folder, which may be another checkout than this script's.
const { startTemporaryParley } = await import(pathToFileURL(join(process.cwd(), 'scripts/temporary.ts')).href)
// An older checkout calls the services `parts`.
const {
  url,
  env,
  parts,
  services = parts,
  stop,
} = await startTemporaryParley({
  env: { PARLEY_LIMITS: 'off', ...JSON.parse(process.env.BENCH_SETTINGS ?? '{}') },
})
const pids = { site: services.site.pid, postgres: services.postgres?.pid, soketi: services.soketi?.pid }
reportReady({ url, env, pids } satisfies Site, stop)
