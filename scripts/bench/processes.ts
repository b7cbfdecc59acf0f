import { readdirSync, readFileSync } from 'node:fs'

const isLinux = process.platform === 'linux'
/** /proc counts in ticks of 10 ms. */
const tickMs = 10

type Pid = number | undefined

/** The memory of these processes and all below them in MB, each shared page counted once (PSS); Linux only. */
export const memoryOfTree = (...roots: Pid[]) => sum(roots.flatMap(treeOf).map(memoryOf))

/** The CPU time that these processes and all below them have used so far, in ms; Linux only. */
export const cpuTimeOfTree = (...roots: Pid[]) => sum(roots.flatMap(treeOf).map(cpuTimeOf))

/** Starts a measurement of what others use: the result says which part of the machine's CPU time it was since, in %. */
export function measureOthers() {
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

function treeOf(root: Pid) {
  if (!root || !isLinux) return []
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), Number(statOf(Number(name))?.[1])]),
  )
  const isBelow = (pid: number | undefined): boolean => pid === root || (!!pid && isBelow(parents.get(pid)))
  return [...parents.keys()].filter(isBelow)
}

function memoryOf(pid: number) {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
    return Number(kilobytes ?? 0) / 1024
  } catch {
    return 0
  }
}

function cpuTimeOf(pid: number) {
  // User and system time: its own, and that of its children that have ended.
  const ticks = statOf(pid)?.slice(11, 15).map(Number) ?? []
  return sum(ticks) * tickMs
}

/** The fields after the command's name, which may hold anything: state, parent, … */
function statOf(pid: number) {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')
  } catch {
    return undefined
  }
}

const sum = (numbers: number[]) =>
  isLinux ? numbers.reduce((total, number) => total + number, 0) : Number.NaN
