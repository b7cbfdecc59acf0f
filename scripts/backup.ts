import { createWriteStream, existsSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import { finished } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { dump } from './backup/dump'
import { withDatabase } from './backup/with-database'

const [name = `parley-${new Date().toISOString().slice(0, 16).replace(':', '')}.backup.gz`] =
  process.argv.slice(2)
const file = resolve(process.env.INIT_CWD ?? '.', name)
if (existsSync(file)) throw new Error(`${file} already exists.`)

// Renamed when complete, so that a crash cannot leave half a backup.
const unfinished = `${file}.new`
try {
  const zip = createGzip()
  const written = finished(zip.pipe(createWriteStream(unfinished, { mode: 0o600 })))
  const { people, messages } = await withDatabase((url) => dump(url, zip))
  zip.end()
  await written
  renameSync(unfinished, file)
  console.log(`The backup is in ${file} (people: ${people}, messages: ${messages}).`)
} finally {
  rmSync(unfinished, { force: true })
}
