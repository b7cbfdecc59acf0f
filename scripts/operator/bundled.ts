import nextEnv from '@next/env'
import { operate } from './operate'

nextEnv.loadEnvConfig(process.cwd())
if (!process.env.DATABASE_URL) throw new Error('Set DATABASE_URL to the database of the site.')
await operate(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
