import { existsSync } from 'node:fs'
import { join } from 'node:path'
import nextEnv from '@next/env'
import { loadSecrets } from './secrets'
import { buildIfChanged } from './site-build'

nextEnv.loadEnvConfig(process.cwd())
const { PARLEY_DATA_DIR: dataDir = '.data', NEXT_SERVER_ACTIONS_ENCRYPTION_KEY } = process.env
// With the key of `npm start`, forms of pages from an older build still find their actions. A build needs no data
// folder, so none is created.
const secrets = existsSync(join(dataDir, 'secrets.json')) ? loadSecrets(dataDir) : undefined
const key = NEXT_SERVER_ACTIONS_ENCRYPTION_KEY || secrets?.serverActionsKey
const env = { ...process.env, ...(key && { NEXT_SERVER_ACTIONS_ENCRYPTION_KEY: key }) }
await buildIfChanged(process.cwd(), env, console.log)
console.log('The build is up to date.')
process.exit()
