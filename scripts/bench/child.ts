import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('../..', import.meta.url))

export interface Child<Ready> {
  process: ChildProcess
  pid: number
  ready: Ready
  stop: () => Promise<void>
}

/** Runs a script of this folder in a process of its own, and waits for its first message. */
export async function startChild<Ready>(
  name: string,
  { cwd = root, env = {} }: { cwd?: string; env?: Record<string, string | undefined> } = {},
): Promise<Child<Ready>> {
  const script = fileURLToPath(new URL(`${name}.ts`, import.meta.url))
  const child = fork(script, {
    cwd,
    env: { ...process.env, ...env } as NodeJS.ProcessEnv,
    execArgv: ['--conditions=react-server', '--import', 'tsx'],
  })
  const ended = once(child, 'exit')
  const failed = ended.then(() => Promise.reject(new Error(`${name} ended.`)))
  const [ready] = await Promise.race([once(child, 'message'), failed])
  failed.catch(() => {})
  const stop = async () => {
    child.disconnect()
    await ended
  }
  return { process: child, pid: child.pid ?? 0, ready, stop }
}

/** Called by the child: tells the parent that it is ready. The child ignores signals and ends when its parent does. */
export function reportReady(ready: unknown, stop = () => {}) {
  process.on('SIGINT', () => {}).on('SIGTERM', () => {})
  process.once('disconnect', async () => {
    await stop()
    process.exit()
  })
  process.send?.(ready)
}
