import { startTemporaryParley } from '@/scripts/temporary'

/** A site on the database and the Soketi of the one under test. It says its address, and ends with its input. */
const shared = Object.entries(process.env).filter(([name]) =>
  /^(DATABASE_URL|SOKETI_(URL|PUBLIC_URL|APP_\w+)|AUTH_SECRET)$/.test(name),
)
const parley = await startTemporaryParley({
  env: { ...Object.fromEntries(shared), PARLEY_LIMITS: 'off', PARLEY_STREAM_SECONDS: '3' },
})
console.log(parley.url)
for await (const _ of process.stdin);
await parley.stop()
process.exit()
