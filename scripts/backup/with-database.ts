import nextEnv from '@next/env'
import { migrateDatabase } from '@/db/migrate'
import { parseLaunchEnv } from '@/lib/env'
import { DataFolder } from '../data-folder'
import { Parley } from '../parley'
import { loadSecrets } from '../secrets'
import { runningPort, siteUrl } from '../services/postgres'

/**
 * Runs `work` with the site's database: the configured one, or the data folder's, which is started for this purpose if
 * it does not run.
 */
export async function withDatabase<T>(work: (url: string) => Promise<T>): Promise<T> {
  nextEnv.loadEnvConfig(process.cwd(), false, { info: () => {}, error: console.error })
  const { DATABASE_URL, PARLEY_DATA_DIR } = parseLaunchEnv(process.env)
  if (DATABASE_URL) return migrated(DATABASE_URL, work)
  const folder = new DataFolder(PARLEY_DATA_DIR)
  if (folder.isInUse())
    return work(siteUrl(runningPort(folder.path), loadSecrets(folder.path).postgresPassword))
  const parley = new Parley({ site: 'none', soketi: false })
  await parley.start()
  try {
    return await work(String(parley.env.DATABASE_URL))
  } finally {
    await parley.stop()
  }
}

async function migrated<T>(url: string, work: (url: string) => Promise<T>) {
  await migrateDatabase(url)
  return work(url)
}
