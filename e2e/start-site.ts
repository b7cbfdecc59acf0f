import { createInterface } from 'node:readline'
import { startTemporaryParley } from '@/scripts/temporary'
import { startOtherSite } from '@/testing/other-site'

/**
 * A site on the `shared` database and Soketi of the one under test, or on its `own`, with settings given as
 * NAME=value. It prints its address and its Soketi's pid. Each line of input kills the site, which is started again;
 * the end of the input stops all.
 */
const [services, ...settings] = process.argv.slice(2)
const env = Object.fromEntries(settings.map((setting) => setting.split('=')))
const parley =
  services === 'own'
    ? await startTemporaryParley({ env: { PARLEY_LIMITS: 'off', ...env }, say: () => {} })
    : await startOtherSite(env)
console.log(`${parley.url} ${parley.services.soketi?.pid}`)
for await (const _ of createInterface(process.stdin)) parley.services.site?.kill('SIGKILL')
await parley.stop()
process.exit()
