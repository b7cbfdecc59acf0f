import { spawn } from 'node:child_process'
import type { EnvSource } from '@/lib/env'

const leash = new URL('leash.mjs', import.meta.url).href

interface NodeProcess {
  node?: string
  args: string[]
  cwd: string
  env: EnvSource
}

/**
 * Starts a Node.js program that ends when the launcher does. It has a process group of its own: a Ctrl-C
 * reaches the launcher alone, which ends the parts in order.
 */
export function spawnNode({ node = process.execPath, args, cwd, env }: NodeProcess) {
  const options = { cwd, env: env as NodeJS.ProcessEnv, stdio: 'pipe', detached: true } as const
  return spawn(node, ['--import', leash, ...args], options)
}
