import 'server-only'
import { and, eq, gt, isNull, like, lt, not, type SQL, sql } from 'drizzle-orm'
import { type Database, database, type Transaction } from '@/db/connection'
import { processState } from '@/db/process-state'
import { nameStart, users } from '@/db/schema'
import { Gate } from './gate'

/** Where a page begins: after a username, among the matches of one tier. */
export type Place = { tier: number; after: string }
export type Match = { id: string; key: string; tier: number }

// Of the process's ten connections to the database (db/connection.ts), seven are always left for everything else.
const searches = processState(
  'searches',
  () => new Gate({ of: 'searches', atOnce: 3, waiting: 200, patienceMs: 2000 }),
)

/** Runs a search when few enough others run. @throws {Refusal} 429 if that takes too long */
export const inTurn = <Result>(search: () => Promise<Result>) => searches.run(search)

type Tier = {
  /** Nothing for everyone. */
  where?: SQL
  /**
   * Whether few match, so that they are found by their trigrams and then sorted. Otherwise an index has them in order,
   * and a page costs the same however many match.
   */
  isSorted?: boolean
}

/** The better matches first, each tier without those before it. */
export async function tiersOf(q: string): Promise<Tier[]> {
  if (!q) return [{}]
  const username = like(users.usernameKey, `${literal(q)}%`)
  const isCheap = (await hasTrigram(q)) || ([...q].length > 2 && (await isSmallSite()))
  return [{ where: username }, ...(isCheap ? anywhere(q, username) : atStart(q))]
}

/** Reading through so many people takes some 10 ms, so that no index is needed to find a text anywhere in a name. */
const smallSite = 20_000

/** By PostgreSQL's own estimate, which costs nothing to read. */
async function isSmallSite() {
  const [row] = await database().execute<{ isSmall: boolean }>(
    sql`select reltuples < ${smallSite} as "isSmall" from pg_class where oid = 'users'::regclass`,
  )
  return row?.isSmall === true
}

const literal = (text: string) => text.replace(/[\\%_]/g, '\\$&')

/** A word of the name begins with the text; it stands anywhere. */
function anywhere(q: string, username: SQL): Tier[] {
  const word = like(users.searchText, `% ${literal(q)}%`)
  const part = like(users.searchText, `%${literal(q)}%`)
  return [and(word, not(username)), and(part, not(word), not(username))].map((where) => ({
    where,
    isSorted: true,
  }))
}

/**
 * The first or the last name begins with the text. An index on a name's first one or two characters has them in the
 * order of usernames; those whose username matches are a range of it, which two conditions leave out.
 */
function atStart(q: string): Tier[] {
  const characters = [...q]
  const length = characters.length === 1 ? 1 : 2
  const begins = (name: (typeof nameStart)['first']) =>
    and(
      eq(name[length], characters.slice(0, 2).join('')),
      characters.length > 2 ? like(name.whole, `${literal(q)}%`) : undefined,
    )
  const first = begins(nameStart.first)
  const last = and(begins(nameStart.last), sql`(${first}) is not true`)
  const before = lt(users.usernameKey, q)
  const behind = gt(users.usernameKey, `${q}\u{10ffff}`)
  return [first, last].flatMap((name) => [{ where: and(name, before) }, { where: and(name, behind) }])
}

/**
 * Whether the trigram index can tell apart what holds the text: three letters or digits in a row, or two at the edge of
 * a word. For any other text it would read through everyone.
 */
async function hasTrigram(q: string) {
  const word = (await knowsLetters()) ? '\\p{Alphabetic}\\p{Nd}' : 'a-z\\d'
  return new RegExp(`[${word}]{3}|[${word}]{2}[^${word}]|[^${word}][${word}]{2}`, 'u').test(q)
}

let asked: Promise<boolean> | undefined

/** Whether letters beyond a to z are such to the database: in the embedded one, and any of the locale C, they are not. */
function knowsLetters() {
  asked ??= database()
    .execute<{ knows: boolean }>(sql`select cardinality(show_trgm('яжя')) > 0 as knows`)
    .then(([row]) => row?.knows === true)
  asked.catch(() => {
    asked = undefined
  })
  return asked
}

/** The next matches from a place on, at most `limit`. */
export function findMatches(tiers: Tier[], from: Place, limit: number) {
  return database().transaction(async (tx) => {
    // A plan that is good for any text reads through everyone for a rare one.
    await tx.execute(sql`select set_config('plan_cache_mode', 'force_custom_plan', true)`)
    const found: Match[] = []
    for (const [index, tier] of tiers.entries()) {
      if (index < from.tier || found.length === limit) continue
      const after = index === from.tier ? from.after : ''
      const rows = await selectTier(tx, tier, after, limit - found.length)
      found.push(...rows.map((row) => ({ tier: index, ...row })))
    }
    return found
  })
}

export const selectTier = (
  db: Database | Transaction,
  { where, isSorted }: Tier,
  after: string,
  limit: number,
) =>
  db
    .select({ id: users.id, key: users.usernameKey })
    .from(users)
    .where(and(isNull(users.removedAt), where, after ? gt(users.usernameKey, after) : undefined))
    // By the column itself, PostgreSQL might read the index of usernames from end to end instead, hoping for matches.
    .orderBy(isSorted ? sql`${users.usernameKey} || ''` : users.usernameKey)
    .limit(limit)
