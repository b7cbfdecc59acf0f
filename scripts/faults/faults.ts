import { setTimeout as sleep } from 'node:timers/promises'
import type { Parley, ServiceName } from '../parley'
import { descendants } from '../processes'

/** Something that befalls a service: its end, or that it stands still for a while. */
export type Fault = { service: ServiceName; pausedSeconds?: number }

export const faultName = ({ service, pausedSeconds }: Fault) =>
  pausedSeconds ? `${service} paused for ${pausedSeconds} s` : `${service} killed`

/**
 * Lets it happen, with `meanwhile` while the service is away, and resolves when it runs again.
 * @returns when it was to come back, in `performance.now()`'s time: from its end, or from being let go on
 */
export async function inflict(parley: Parley, fault: Fault, meanwhile: () => Promise<unknown>) {
  const service = parley.services[fault.service]
  const { pid } = service ?? {}
  if (!service || !pid) throw new Error(`${fault.service} does not run.`)
  const began = performance.now()
  if (!fault.pausedSeconds) {
    service.kill('SIGKILL')
    const away = meanwhile()
    while (service.pid === pid || !service.isUp) await sleep(20)
    await away
    return began
  }
  const goOn = pause(pid)
  try {
    await Promise.all([sleep(fault.pausedSeconds * 1000), meanwhile()])
  } finally {
    goOn()
  }
  return performance.now()
}

/** Stops a process and all below it. @returns what lets them go on */
export function pause(root: number) {
  const stopped = new Set<number>()
  const goOn = () => {
    process.off('exit', goOn)
    // The parent last: it finds its children at work.
    for (const pid of [...stopped].reverse()) signal(pid, 'SIGCONT')
  }
  // Who stands still hears of no end.
  process.once('exit', goOn)
  // Some may have been born while the others were looked for.
  for (let size = -1; size !== stopped.size; ) {
    size = stopped.size
    for (const pid of descendants(root)) {
      if (!stopped.has(pid)) signal(pid, 'SIGSTOP')
      stopped.add(pid)
    }
  }
  return goOn
}

function signal(pid: number, name: NodeJS.Signals) {
  try {
    process.kill(pid, name)
  } catch (error) {
    // It ended by itself.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
