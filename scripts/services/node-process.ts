import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { EnvSource } from '@/lib/env'

const leash = new URL('leash.mjs', import.meta.url).href

// Windows writes some of them in mixed case, such as Path.
const basics = /^(PATH|HOME|LANG|LC_\w+|TZ|TMPDIR|TEMP|TMP|USERPROFILE|SYSTEMROOT|NODE_EXTRA_CA_CERTS)$/i

/** The variables that any program needs, and those that match `more`. A service gets no other service's secrets. */
export const basicEnv = (env: EnvSource, more: RegExp): EnvSource =>
  Object.fromEntries(Object.entries(env).filter(([name]) => basics.test(name) || more.test(name)))

interface NodeProcess {
  node?: string
  args: string[]
  cwd: string
  env: EnvSource
}

/**
 * Starts a Node.js program that ends when the launcher does. It has its own process group, so that Ctrl-C reaches only
 * the launcher, which then stops the services in order.
 */
export function spawnNode({ node = process.execPath, args, cwd, env }: NodeProcess) {
  const options = { cwd, env: env as NodeJS.ProcessEnv, stdio: 'pipe', detached: true } as const
  return spawn(node, ['--import', leash, ...args], options)
}

/** Runs a Node.js program to its end. @throws with its output if it fails */
export async function runNode(program: NodeProcess) {
  const child = spawnNode(program)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const [code, signal] = await once(child, 'exit')
  if (code !== 0) throw new Error(`${output}\nThe program ended early (${signal ?? `exit code ${code}`}).`)
}
