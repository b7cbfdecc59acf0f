import { chmodSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EnvSource, settingNames } from '@/lib/env'
import { Parley, type ParleyOptions } from './parley'
import { freePort } from './ports'

/**
 * A Parley for tests and measurements, with free ports, a data folder that is removed at the end, a separate build
 * and none of the settings of `npm start`. `env` adds settings.
 */
export async function startTemporaryParley(options: Partial<ParleyOptions> = {}) {
  const parley = new Parley({
    site: 'start',
    isQuiet: true,
    ...options,
    env: await temporaryEnv(options.env),
  })
  const abandon = () => {
    parley.abandon()
    removeDataDir(parley.dataDir)
  }
  process.once('exit', abandon)
  const stop = parley.stop
  parley.stop = async () => {
    await stop()
    process.off('exit', abandon)
    removeDataDir(parley.dataDir)
  }
  await parley.start()
  return parley
}

/** An environment in which `npm start` uses no port, data folder or build of the usual one. */
export async function temporaryEnv(env: EnvSource = {}): Promise<EnvSource> {
  // Empty instead of missing, because the site would take missing ones from the .env files.
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
    // The database may be elsewhere, behind a link, where PostgreSQL's user can reach it.
    rmSync(realpathSync(join(dir, 'postgres')), { recursive: true })
  } catch {}
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
}
