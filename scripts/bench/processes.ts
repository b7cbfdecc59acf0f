import { readFileSync } from 'node:fs'
import { descendants, statFields } from '../processes'

const isLinux = process.platform === 'linux'
/** /proc counts in ticks of 10 ms. */
const tickMs = 10

type Pid = number | undefined

/** The memory of these processes and their descendants in MB. Counts each shared page once (PSS). Linux only. */
export const memoryOfTree = (...roots: Pid[]) => sum(roots.flatMap(treeOf).map(memoryOf))

/** The CPU time in ms that these processes and their descendants have used so far. Linux only. */
export const cpuTimeOfTree = (...roots: Pid[]) => sum(roots.flatMap(treeOf).map(cpuTimeOf))

/** @returns a function for the percentage of the CPU time that other processes have used since this call */
export function measureOtherLoad() {
  const before = machine()
  const ownBefore = cpuTimeOfTree(process.pid)
  return () => {
    const { busyMs, allMs } = machine()
    const own = cpuTimeOfTree(process.pid) - ownBefore
    return (Math.max(busyMs - before.busyMs - own, 0) / (allMs - before.allMs)) * 100
  }
}

function machine() {
  if (!isLinux) return { busyMs: Number.NaN, allMs: Number.NaN }
  const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.trim().split(/ +/).slice(1, 9).map(Number)
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, ...rest] = ticks ?? []
  const busyMs = sum([user, nice, system, ...rest]) * tickMs
  return { busyMs, allMs: busyMs + (idle + waiting) * tickMs }
}

const treeOf = (root: Pid) => (root && isLinux ? descendants(root) : [])

function memoryOf(pid: number) {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) / 1024
  } catch {
    return 0
  }
}

function cpuTimeOf(pid: number) {
  // User and system time, of the process itself and of its children that have ended.
  const ticks = statFields(pid).slice(11, 15).map(Number)
  return sum(ticks) * tickMs
}

const sum = (numbers: number[]) =>
  isLinux ? numbers.reduce((total, number) => total + number, 0) : Number.NaN
