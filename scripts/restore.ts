import { createReadStream } from 'node:fs'
import { resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { load, type Size } from './backup/dump'
import { withDatabase } from './backup/with-database'

const [name] = process.argv.slice(2)
if (!name) throw new Error('Usage: npm run restore -- <backup>')
const file = resolve(process.env.INIT_CWD ?? '.', name)

let restored: Size | undefined
await withDatabase((url) =>
  pipeline(createReadStream(file), createGunzip(), async (content) => {
    restored = await load(url, content)
  }),
).catch((error) => {
  throw String(error.code).startsWith('Z_') ? new Error(`${file} is not a backup, or it is damaged.`) : error
})
console.log(`Restored (people: ${restored?.people}, messages: ${restored?.messages}).`)
