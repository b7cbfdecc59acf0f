import postgres from 'postgres'
import { migrateDatabase } from '@/db/migrate'
import { startTemporaryParley } from '../temporary'
import { fill, type Size } from './fill'

/** A temporary PostgreSQL with a filled database of each size. */
export async function startDatabases<Name extends string>(sizes: Record<Name, Size>) {
  const parley = await startTemporaryParley({ site: 'none', soketi: false })
  const admin = postgres(String(parley.adminUrl), { max: 1, onnotice: () => {} })
  const urls = {} as Record<Name, string>
  for (const name of Object.keys(sizes) as Name[]) {
    const url = new URL(String(parley.env.DATABASE_URL))
    await admin.unsafe(`create database ${name} owner ${url.username}`)
    url.pathname = `/${name}`
    urls[name] = url.href
    const began = performance.now()
    await migrateDatabase(url.href)
    await fill(url.href, sizes[name])
    const [row] = await admin<{ size: string }[]>`select pg_size_pretty(pg_database_size(${name})) as size`
    console.log(
      `The ${name} database: ${row?.size}, filled in ${((performance.now() - began) / 1000).toFixed(0)} s`,
    )
  }
  return { parley, admin, urls }
}
