import type { EnvSource } from '@/lib/env'
import { startTemporaryParley } from '@/scripts/temporary'

/** Starts another instance of the site under test, with the same database and Soketi. `env` overrides settings. */
export function startOtherSite(env: EnvSource = {}) {
  const shared = Object.entries(process.env).filter(([name]) =>
    /^(DATABASE_URL|SOKETI_(URL|PUBLIC_URL|APP_\w+)|AUTH_SECRET)$/.test(name),
  )
  return startTemporaryParley({
    env: { PARLEY_LIMITS: 'off', ...Object.fromEntries(shared), ...env },
    say: () => {},
  })
}
