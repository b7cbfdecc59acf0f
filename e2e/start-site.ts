import { createInterface } from 'node:readline'
import { startTemporaryParley } from '@/scripts/temporary'
import { startOtherSite } from '@/testing/other-site'

/**
 * Starts a site with the `shared` database and Soketi of the site under test, or with its `own`. Settings are given as
 * NAME=value. Prints the site's address, its Soketi's process id and its database's address. Each line of input kills the site, which is
 * restarted. The end of the input stops everything.
 */
const [services, ...settings] = process.argv.slice(2)
const env = Object.fromEntries(settings.map((setting) => setting.split('=')))
const parley =
  services === 'own'
    ? await startTemporaryParley({ env: { PARLEY_LIMITS: 'off', ...env }, say: () => {} })
    : await startOtherSite(env)
console.log(`${parley.url} ${parley.services.soketi?.pid} ${parley.env.DATABASE_URL}`)
for await (const _ of createInterface(process.stdin)) parley.services.site?.kill('SIGKILL')
await parley.stop()
process.exit()
