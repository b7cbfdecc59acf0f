import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process with its start time, because a later process can have the same pid. */
export interface ProcessRef {
  pid: number
  started: string
}

export function processRef(pid: number): ProcessRef | undefined {
  const started = startOf(pid)
  return started ? { pid, started } : undefined
}

export const isAlive = ({ pid, started }: ProcessRef) => startOf(pid) === started

/** Ends a process. Kills it if it still runs after `patience` milliseconds. */
export async function endProcess(ref: ProcessRef, signal: NodeJS.Signals = 'SIGTERM', patience = 5000) {
  send(ref, signal)
  if (!(await isGone(ref, patience))) send(ref, 'SIGKILL')
  if (!(await isGone(ref, 5000))) throw new Error(`Process ${ref.pid} of an earlier start cannot be ended.`)
}

/** Kills what is left of the process group that a process has led. */
export function killGroup(leader: number) {
  try {
    process.kill(-leader, 'SIGKILL')
  } catch {
    // None is left.
  }
}

/** The command line of a process, its arguments separated by spaces. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux')
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return ps(pid, 'command=')
  } catch {
    return ''
  }
}

/** The pids of a process and all its descendants, parents first. */
export function descendants(root: number): number[] {
  const children = new Map<number, number[]>()
  for (const line of execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number)
    children.set(parent, [...(children.get(parent) ?? []), pid])
  }
  const treeOf = (pid: number): number[] => [pid, ...(children.get(pid) ?? []).flatMap(treeOf)]
  return treeOf(root)
}

/** Linux's fields of a process after its command's name: state, parent, … Empty if the process has ended. */
export function statFields(pid: number) {
  try {
    // The name may contain anything, but no later field contains a parenthesis.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
  } catch {
    return []
  }
}

function startOf(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') return ps(pid, 'lstart=')
    const fields = statFields(pid)
    // The 20th field is the start in ticks since boot. A zombie has ended.
    return !fields.length || fields[0] === 'Z'
      ? undefined
      : `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}

const ps = (pid: number, column: string) =>
  execFileSync('ps', ['-o', column, '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' }).trim()

function send(ref: ProcessRef, signal: NodeJS.Signals) {
  try {
    if (isAlive(ref)) process.kill(ref.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function isGone(ref: ProcessRef, patience: number) {
  for (const end = Date.now() + patience; Date.now() < end; await sleep(50)) if (!isAlive(ref)) return true
  return !isAlive(ref)
}
