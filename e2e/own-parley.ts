import { startTemporaryParley } from '@/scripts/temporary'

/** A Parley with its own services, which a test may stop. Prints its address and Soketi's pid; ends with its input. */
const parley = await startTemporaryParley({ env: { PARLEY_LIMITS: 'off' }, say: () => {} })
console.log(`${parley.url} ${parley.parts.soketi?.pid}`)
for await (const _ of process.stdin);
await parley.stop()
process.exit()
