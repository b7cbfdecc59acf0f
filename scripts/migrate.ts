import nextEnv from '@next/env'
import { migrateDatabase } from '@/db/migrate'

nextEnv.loadEnvConfig(process.cwd())
const { DATABASE_URL } = process.env
if (!DATABASE_URL)
  throw new Error(
    'Set DATABASE_URL to the database to migrate. (`npm start` migrates the embedded one itself.)',
  )
await migrateDatabase(DATABASE_URL)
console.log('The database is up to date.')
