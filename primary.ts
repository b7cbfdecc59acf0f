import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { env } from '@/lib/env'
import { answer, ask } from '@/lib/ipc'
import { logError } from '@/lib/log'
import { type Counted, readMetrics } from '@/lib/metrics'
import { wholeLines } from '@/lib/whole-lines'

// Starts the processes of the site and restarts each that ends. When this process ends, Node.js ends the others.

const pingEveryMs = 2000
/** How many pings in a row a process may leave unanswered: 60 s while it starts, then 8 s. */
const patience = { starting: 30, started: 4 }
/** Shorter than that of the launcher (scripts/services/site.ts), so that no process is left behind. */
const stopWithinMs = 6500

// All processes accept connections from one socket. If this process distributed them instead, it would send some to
// a process that hangs, and lose those on their way to one that is killed.
cluster.schedulingPolicy = cluster.SCHED_NONE
cluster.setupPrimary({ silent: true })
process.env.PARLEY_PROCESS = 'primary'
for (const output of [process.stdout, process.stderr]) output.setMaxListeners(0)

let isReady = false
let isStopping = false
cluster.once('listening', () => {
  isReady = true
})
process.once('SIGTERM', stop)
await Promise.all(Array.from({ length: env().PARLEY_PROCESSES }, (_, index) => keepRunning(index + 1)))
process.exit()

async function keepRunning(number: number) {
  for (let failures = 0; !isStopping; failures++) {
    if (failures) await sleep(Math.min(125 * 2 ** failures, 5000))
    if (isStopping) return
    const began = performance.now()
    const end = await run(number)
    if (isStopping) return
    // The launcher or the service manager reports that the site does not start.
    if (!isReady) process.exit(1)
    logError('process', new Error(`Process ${number} of the site ended (${end}). Restarting it…`))
    if (performance.now() - began > 60_000) failures = 0
  }
}

/** Starts a process and waits for its end. @returns how it ended */
async function run(number: number) {
  const worker = cluster.fork({ PARLEY_PROCESS: String(number) })
  const { stdout, stderr } = worker.process
  stdout?.pipe(wholeLines()).pipe(process.stdout, { end: false })
  stderr?.pipe(wholeLines()).pipe(process.stderr, { end: false })
  answer(worker.process, { metrics: collectMetrics })
  const watching = watch(worker, number)
  const closed = once(worker.process, 'close').catch(() => {})
  const end = await endOf(worker)
  clearInterval(watching)
  // For its last output.
  await Promise.race([closed, sleep(500)])
  return end
}

function endOf(worker: Worker) {
  return new Promise<string>((resolve) => {
    worker.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`))
    worker.on('error', (error) => {
      worker.process.kill('SIGKILL')
      resolve(error.message)
    })
  })
}

/**
 * Kills a process that has stopped answering. Counts pings instead of measuring time, because time also passes while
 * this process or the whole machine is suspended.
 */
function watch(worker: Worker, number: number) {
  let unanswered = 0
  let most = patience.starting
  worker.once('listening', () => {
    unanswered = 0
    most = patience.started
  })
  return setInterval(() => {
    if (unanswered++ === most) {
      logError('process', new Error(`Process ${number} of the site does not answer. Killing it…`))
      worker.process.kill('SIGKILL')
    }
    ask(worker.process, 'isAlive', pingEveryMs * patience.started).then(
      () => {
        unanswered = 0
      },
      () => {},
    )
  }, pingEveryMs)
}

/** The metrics of this process and of those that answer within a second. */
async function collectMetrics() {
  const answers = await Promise.allSettled(
    workers().map(({ process }) => ask<Counted | undefined>(process, 'metrics', 1000)),
  )
  return [readMetrics(), ...answers.map((it) => (it.status === 'fulfilled' ? it.value : undefined))]
}

function stop() {
  isStopping = true
  for (const { process } of workers()) process.kill('SIGTERM')
  setTimeout(() => {
    for (const { process } of workers()) process.kill('SIGKILL')
  }, stopWithinMs).unref()
}

function workers() {
  return Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined)
}
