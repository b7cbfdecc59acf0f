import { setTimeout as sleep } from 'node:timers/promises'
import { descendants } from '../processes'
import type { System } from './system'

/** A service is killed, or paused for some seconds; killed while long work is being done (long-work.ts). */
export type Fault = { service: string; pausedSeconds?: number; isInLongWork?: boolean }

export function faultName({ service, pausedSeconds, isInLongWork }: Fault) {
  if (isInLongWork) return `${service} killed in long work`
  return pausedSeconds ? `${service} paused for ${pausedSeconds} s` : `${service} killed`
}

/**
 * Causes the fault and runs `meanwhile` during it. Resolves when the service runs again.
 * @returns the time in `performance.now()` from which the recovery counts: of the kill, or of the end of the pause
 */
export async function causeFault({ services }: System, fault: Fault, meanwhile: () => Promise<unknown>) {
  const service = services[fault.service]
  const { pid } = service ?? {}
  if (!service || !pid) throw new Error(`${fault.service} does not run.`)
  const began = performance.now()
  if (!fault.pausedSeconds) {
    service.kill('SIGKILL')
    const done = meanwhile()
    while (service.pid === pid || !service.isUp) await sleep(20)
    await done
    return began
  }
  const resume = pause(pid)
  try {
    await Promise.all([sleep(fault.pausedSeconds * 1000), meanwhile()])
  } finally {
    resume()
  }
  return performance.now()
}

/** Stops a process and all its descendants. @returns a function that resumes them */
export function pause(root: number) {
  const stopped = new Set<number>()
  const resume = () => {
    process.off('exit', resume)
    // The parent last, so that its children already run when it continues.
    for (const pid of [...stopped].reverse()) signal(pid, 'SIGCONT')
  }
  // A stopped process could not end with this one.
  process.once('exit', resume)
  // Repeated, because a process can start children until it is stopped itself.
  for (let size = -1; size !== stopped.size; ) {
    size = stopped.size
    for (const pid of descendants(root)) {
      if (!stopped.has(pid)) signal(pid, 'SIGSTOP')
      stopped.add(pid)
    }
  }
  return resume
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch (error) {
    // The process has already ended.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
