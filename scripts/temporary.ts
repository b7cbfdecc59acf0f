import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EnvSource, settingNames } from '@/lib/env'
import { Parley, type ParleyOptions } from './parley'
import { freePort } from './ports'

/**
 * A Parley for tests and measurements: free ports, a data folder that goes when it stops, a build of its own,
 * and none of the settings that the one of `npm start` has. `env` adds to its settings.
 */
export async function startTemporaryParley(options: Partial<ParleyOptions> = {}) {
  const parley = new Parley({
    site: 'start',
    isQuiet: true,
    ...options,
    env: await temporaryEnv(options.env),
  })
  const remove = () => removeDataDir(parley.dataDir)
  const leave = () => {
    parley.abandon()
    remove()
  }
  process.once('exit', leave)
  const stop = parley.stop
  parley.stop = async () => {
    await stop()
    process.off('exit', leave)
    remove()
  }
  await parley.start()
  return parley
}

/** An environment in which `npm start` touches nothing of the usual one. */
export async function temporaryEnv(env: EnvSource = {}): Promise<EnvSource> {
  // Empty rather than missing, as the site would fill in what is missing from the .env files.
  const blank = Object.fromEntries(settingNames.map((name) => [name, '']))
  return {
    ...process.env,
    ...blank,
    PORT: String(await freePort()),
    SOKETI_PORT: String(await freePort()),
    PARLEY_DATA_DIR: makeDataDir(),
    PARLEY_BUILD_DIR: '.next-test',
    ...env,
  }
}

export function makeDataDir() {
  const dir = mkdtempSync(join(tmpdir(), 'parley-'))
  // PostgreSQL may run as another user.
  chmodSync(dir, 0o755)
  return dir
}

export function removeDataDir(dir: string) {
  try {
    // May lie elsewhere, where its user can reach it.
    rmSync(realpathSync(join(dir, 'postgres')), { recursive: true })
  } catch {}
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
}
