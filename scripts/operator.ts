import { withDatabase } from './backup/with-database'
import { operate } from './operator/operate'

await withDatabase(async (url) => {
  process.env.DATABASE_URL = url
  await operate(process.argv.slice(2))
})
