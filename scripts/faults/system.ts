import type { EnvSource } from '@/lib/env'
import type { Service } from '../supervisor'
import { startTemporaryParley } from '../temporary'

/** The sites with their services that a trial runs on. */
export interface System {
  /** The addresses of the sites. */
  urls: string[]
  /** The settings of the sites, and of the trial itself. */
  env: EnvSource
  services: Record<string, Service>
  /** The services whose fault another one of the same kind makes up for. */
  twins: string[]
  stop: () => Promise<void>
}

/** Starts one site with its PostgreSQL and Soketi. */
export async function startSingle(onSiteOutput: (chunk: Buffer) => void): Promise<System> {
  const parley = await startTemporaryParley({
    env: { PARLEY_LIMITS: 'off' },
    say: () => {},
    onSiteOutput,
  })
  const { url, env, services, stop } = parley
  return { urls: [url], env, services: services as Record<string, Service>, twins: [], stop }
}
