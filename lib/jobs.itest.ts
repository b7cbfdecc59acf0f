import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { jobs } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import { unique } from '@/testing/people'
import { addJob, defineJob, startJobs, type Work } from './jobs'

await switchToOwnDatabase()

/** A job that counts to 3, after what `before` does. */
async function counting(before: (count: number) => void = () => {}) {
  const kind = `count-${unique()}`
  const counted: number[] = []
  const work: Work = async (_tx, { count }) => {
    before(Number(count))
    const next = { count: Number(count) + 1 }
    return { next: next.count < 4 ? next : undefined, publish: () => void counted.push(Number(count)) }
  }
  defineJob(kind, work)
  await addJob(database(), kind, { count: 1 })
  const find = async () => (await database().select().from(jobs).where(eq(jobs.kind, kind)))[0]
  return { kind, counted, find }
}

test('a job is done in batches, each once, and is then finished', async () => {
  const one = await counting()
  const other = await counting()
  await Promise.all([startJobs(), startJobs()])
  assert.deepEqual(
    [one.counted, other.counted],
    [
      [1, 2, 3],
      [1, 2, 3],
    ],
  )
  assert.ok((await one.find())?.finishedAt)
})

test('a job that is added while others are done is done too', async () => {
  let added: ReturnType<typeof counting> | undefined
  await counting((count) => {
    if (count === 3) added = counting()
  })
  await startJobs()
  const later = await added
  await startJobs()
  assert.deepEqual(later?.counted, [1, 2, 3])
})

test('a batch that fails changes nothing, and is tried again a minute later', async () => {
  let isBroken = true
  const { kind, counted, find } = await counting((count) => {
    if (count === 2 && isBroken) throw new Error('as the test wants')
  })
  await startJobs()
  assert.deepEqual(counted, [1])
  const failed = await find()
  assert.deepEqual([failed?.state, failed?.finishedAt], [{ count: 2 }, null])
  const seconds = (Number(failed?.dueAt) - Date.now()) / 1000
  assert.ok(seconds > 30 && seconds < 61, `due in ${seconds} s`)
  isBroken = false
  await database().update(jobs).set({ dueAt: sql`now()` }).where(eq(jobs.kind, kind))
  await startJobs()
  assert.deepEqual(counted, [1, 2, 3])
})

test('a job that another process is at is left to it', async () => {
  const { kind, counted } = await counting()
  await database().transaction(async (tx) => {
    await tx.select().from(jobs).where(eq(jobs.kind, kind)).for('update')
    await startJobs()
    assert.deepEqual(counted, [])
  })
  await startJobs()
  assert.deepEqual(counted, [1, 2, 3])
})
