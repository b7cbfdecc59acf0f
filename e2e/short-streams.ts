import { startOtherSite } from '@/lib/testing/other-site'

/** A site on the database and the Soketi of the one under test. It says its address, and ends with its input. */
const parley = await startOtherSite({ PARLEY_STREAM_SECONDS: '3' })
console.log(parley.url)
for await (const _ of process.stdin);
await parley.stop()
process.exit()
