import { readdirSync, readFileSync } from 'node:fs'

/** The memory of a process and all below it in MB, each shared page counted once (PSS); Linux alone tells. */
export function memoryOfTree(root: number | undefined): number {
  if (!root || process.platform !== 'linux') return Number.NaN
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), parentOf(Number(name))] as const),
  )
  const isBelow = (pid: number | undefined): boolean => pid === root || (!!pid && isBelow(parents.get(pid)))
  return [...parents.keys()].filter(isBelow).reduce((sum, pid) => sum + memoryOf(pid), 0)
}

function parentOf(pid: number) {
  try {
    // Behind the command's name, which may hold anything: state, then the parent.
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1])
  } catch {
    return undefined
  }
}

function memoryOf(pid: number) {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) / 1024
  } catch {
    return 0
  }
}

/** The processor time that a process has used so far, in ms; Linux alone tells, in ticks of 10 ms. */
export function processorTime(pid: number | undefined) {
  if (!pid || process.platform !== 'linux') return Number.NaN
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}
