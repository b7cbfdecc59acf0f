import { resolve } from 'node:path'
import nextEnv from '@next/env'
import { bundleSite } from './bundle/bundle-site'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('Usage: npm run bundle -- <a new folder>')
nextEnv.loadEnvConfig(process.cwd())
const target = resolve(process.env.INIT_CWD ?? '.', folder)
await bundleSite(target, process.env, console.log)
console.log(`${target} has all that the site needs. In it, \`node migrate.mjs\` updates the database,
\`node server.mjs\` starts the site, and \`node operator.mjs\` is \`npm run operator\`. All take their settings from the environment.`)
