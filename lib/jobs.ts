import 'server-only'
import { and, eq, isNull, lte, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { processState } from '@/db/process-state'
import { jobs } from '@/db/schema'
import { logError } from './log'
import { published } from './realtime/publish'

// Long work in batches. Each batch is one transaction, which also stores how far the job has come, so a process that is
// killed in the middle leaves nothing half done, and another continues where it was.

type State = Record<string, unknown>
/** What a batch has done: the state for the next one (undefined: the job is finished), and what to publish. */
export type Batch = { next: State | undefined; publish?: () => void | Promise<void> }
/** Does one batch. It takes well below the 5 s of a statement, and reads a limited number of rows. */
export type Work = (tx: Transaction, state: State) => Promise<Batch>

const works = processState('job-works', () => new Map<string, Work>())

/** Says how jobs of that kind are done. Called when the module with the work is loaded. */
export const defineJob = (kind: string, work: Work) => void works.set(kind, work)

/** Adds a job in the transaction that makes it necessary. Call `startJobs` after the commit. */
export const addJob = (tx: Pick<Transaction, 'insert'>, kind: string, state: State) =>
  tx.insert(jobs).values({ kind, state })

const retrySeconds = 60
const running = processState('jobs', (): { now?: Promise<void>; isWanted: boolean } => ({ isWanted: false }))

/** Does all jobs that are due, one batch after another in this process. Never fails. */
export function startJobs() {
  // A job may be added just when a run that is going on has found no more.
  running.isWanted = true
  running.now ??= runJobs()
    .catch((error) => logError('jobs', error))
    .finally(() => {
      running.now = undefined
    })
  return running.now
}

async function runJobs() {
  while (running.isWanted) {
    running.isWanted = false
    while (await runBatch()) await published()
  }
}

/**
 * Does one batch of one job. The job's row is locked meanwhile: that is the lease, and it ends with the transaction, also
 * if this process is killed or hangs. @returns false if no job is due, or others do all of them
 */
async function runBatch() {
  let failed: string | undefined
  try {
    const batch = await database().transaction(async (tx) => {
      const [job] = await tx
        .select({ id: jobs.id, kind: jobs.kind, state: jobs.state })
        .from(jobs)
        .where(and(isNull(jobs.finishedAt), lte(jobs.dueAt, sql`now()`)))
        .orderBy(jobs.dueAt)
        .limit(1)
        .for('update', { skipLocked: true })
      if (!job) return undefined
      failed = job.id
      const work = works.get(job.kind)
      if (!work) throw new Error(`There is no work for jobs of kind ${job.kind}.`)
      const batch = await work(tx, job.state)
      // Of several jobs, each has its turn.
      // A finished job keeps nothing about a person.
      const done = batch.next
        ? { state: batch.next, dueAt: sql`now()` }
        : { state: {}, finishedAt: sql`now()` }
      await tx.update(jobs).set(done).where(eq(jobs.id, job.id))
      return batch
    })
    await batch?.publish?.()
    return batch !== undefined
  } catch (error) {
    logError('jobs', error)
    if (!failed) return false
    const dueAt = sql`now() + ${retrySeconds} * interval '1 second'`
    await database().update(jobs).set({ dueAt }).where(eq(jobs.id, failed))
    return true
  }
}

const everyMs = 60_000

/** Continues, every minute, the jobs that another process left or that failed. */
export function keepJobsRunning() {
  startJobs()
  setInterval(startJobs, everyMs).unref()
}

/** Deletes finished jobs after a week. */
export const removeOldJobs = () => database().delete(jobs).where(sql`finished_at < now() - interval '7 days'`)
