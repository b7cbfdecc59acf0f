import postgres from 'postgres'
import { migrateDatabase } from '@/db/migrate'
import type { Report } from '../bench/report'
import { startTemporaryParley } from '../temporary'
import { fill, type Size } from './fill'

/** A temporary PostgreSQL with a filled database of each size. */
export async function startDatabases<Name extends string>(sizes: Record<Name, Size>, report: Report) {
  const parley = await startTemporaryParley({ site: 'none', soketi: false })
  const admin = postgres(String(parley.adminUrl), { max: 1, onnotice: () => {} })
  const urls = {} as Record<Name, string>
  const rows: string[][] = []
  for (const name of Object.keys(sizes) as Name[]) {
    const url = new URL(String(parley.env.DATABASE_URL))
    await admin.unsafe(`create database ${name} owner ${url.username}`)
    url.pathname = `/${name}`
    urls[name] = url.href
    await migrateDatabase(url.href)
    const began = performance.now()
    await fill(url.href, sizes[name])
    const seconds = (performance.now() - began) / 1000
    const [row] = await admin<{ bytes: string }[]>`select pg_database_size(${name}) as bytes`
    const counts = Object.values(sizes[name]).map((count) => count.toLocaleString('en'))
    rows.push([name, ...counts, (Number(row?.bytes) / 2 ** 20).toFixed(0), seconds.toFixed(0)])
  }
  report.table('Database', ['people', 'conversations', 'messages', 'MB', 'filled in s'], rows)
  return { dataDir: parley.dataDir, admin, urls }
}
