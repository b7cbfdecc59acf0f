import { spawn } from 'node:child_process'
import type { EnvSource } from '@/lib/env'

const leash = new URL('leash.mjs', import.meta.url).href

// Windows spells PATH and others in its own way.
const basics = /^(PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|USERPROFILE|SYSTEMROOT|NODE_EXTRA_CA_CERTS)$/i

/** What any program needs, and the variables that match `more`: a service gets no secrets of others. */
export const basicEnv = (env: EnvSource, more: RegExp): EnvSource =>
  Object.fromEntries(Object.entries(env).filter(([name]) => basics.test(name) || more.test(name)))

interface NodeProcess {
  node?: string
  args: string[]
  cwd: string
  env: EnvSource
}

/**
 * Starts a Node.js program that ends when the launcher does. It has a process group of its own: a Ctrl-C
 * reaches the launcher alone, which ends the services in order.
 */
export function spawnNode({ node = process.execPath, args, cwd, env }: NodeProcess) {
  const options = { cwd, env: env as NodeJS.ProcessEnv, stdio: 'pipe', detached: true } as const
  return spawn(node, ['--import', leash, ...args], options)
}
