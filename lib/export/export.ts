import 'server-only'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database } from '@/db/connection'
import { processState } from '@/db/process-state'
import { dataExports, users } from '@/db/schema'
import { requirePassword } from '@/lib/accounts'
import type { CurrentUser } from '@/lib/current-user'
import { Refusal } from '@/lib/errors'
import { anyPassword, check } from '@/lib/fields'
import { Gate } from '@/lib/gate'
import { spend } from '@/lib/limits'
import { writeArchive } from './archive'
import { loadProfile } from './profile'

const confirmation = z.object({ currentPassword: anyPassword })

/** In 24 hours, by page and API together. Also where other limits are off, because an export reads so much. */
const mostADay = 2

/** Exports use up the processor and the database, so a process writes only a few at once. */
const gate = processState(
  'exports',
  () => new Gate({ of: 'exports', atOnce: 3, waiting: 20, patienceMs: 10_000 }),
)

/**
 * Exports a person's data after they have written their password. Guests have none.
 * @throws {Refusal} 422 for a wrong password, and as `exportData` does
 */
export async function exportByForm(user: CurrentUser, input: unknown, signal: AbortSignal) {
  if (!user.isGuest) await requirePassword(user, check(confirmation, input).currentPassword)
  return exportData(user, signal)
}

/**
 * Opens a ZIP of a person's data, to be read as a stream. Abort `signal` if nobody reads it any more. An export that fails
 * before it is returned does not count.
 * @throws {Refusal} 429 after two in 24 hours, and if too many are being written
 */
export async function exportData(user: CurrentUser, signal: AbortSignal): Promise<Readable> {
  await spend('export', user)
  return new Promise((resolve, reject) => {
    gate
      .run(async () => {
        const archive = await start(user, signal)
        resolve(archive)
        await finished(archive).catch(() => {})
      })
      .catch(reject)
  })
}

async function start(user: CurrentUser, signal: AbortSignal) {
  // The client may have hung up while it waited in line.
  signal.throwIfAborted()
  const id = await count(user)
  try {
    return writeArchive(user, await loadProfile(user), signal)
  } catch (error) {
    await database().delete(dataExports).where(eq(dataExports.id, id))
    throw error
  }
}

/** Counts an export. Locks the person, so that simultaneous ones are counted one after another. */
const count = ({ id: userId }: CurrentUser) =>
  database().transaction(async (tx) => {
    await tx.select({ id: users.id }).from(users).where(eq(users.id, userId)).for('no key update')
    // By the clock, because the transaction of an earlier export may have begun after this one, which waited for it.
    const seconds = sql<number>`ceil(extract(epoch from ${dataExports.at} + interval '1 day' - clock_timestamp()))::int`
    const recent = await tx
      .select({ seconds })
      .from(dataExports)
      .where(and(eq(dataExports.userId, userId), sql`${dataExports.at} > now() - interval '1 day'`))
      .orderBy(desc(dataExports.at))
      .limit(mostADay)
    const oldest = recent[mostADay - 1]
    if (oldest) throw tooMany(oldest.seconds)
    const [counted] = await tx.insert(dataExports).values({ userId }).returning({ id: dataExports.id })
    if (!counted) throw new Error('The export was not counted.')
    return counted.id
  })

/** The refusal of a third export, and what the page says of it. */
export function tooMany(seconds: number) {
  const hours = Math.ceil(seconds / 3600)
  return new Refusal(
    429,
    `You can export your data twice in 24 hours. Try again in ${hours === 1 ? 'an hour' : `${hours} hours`}.`,
    { retryAfter: seconds, details: { reason: 'exports' } },
  )
}

export const forgetExports = () =>
  database().delete(dataExports).where(lt(dataExports.at, sql`now() - interval '1 day'`))
