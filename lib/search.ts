import 'server-only'
import { and, eq, gt, isNull, like, lt, not, type SQL, sql } from 'drizzle-orm'
import { type Database, database, type Transaction } from '@/db/connection'
import { processState } from '@/db/process-state'
import { nameStart, users } from '@/db/schema'
import { Gate } from './gate'

/** The start of a page: after a username, within the matches of one tier. */
export type Place = { tier: number; after: string }
export type Match = { id: string; key: string; tier: number }

// Of the process's ten connections to the database (db/connection.ts), seven are always left for everything else.
const searches = processState(
  'searches',
  () => new Gate({ of: 'searches', atOnce: 3, waiting: 200, patienceMs: 2000 }),
)

/** Runs a search, at most three at a time. @throws {Refusal} 429 if its turn takes too long */
export const inTurn = <Result>(search: () => Promise<Result>) => searches.run(search)

type Tier = {
  /** Undefined for everyone. */
  where?: SQL
  /**
   * True if few people match: they are found by their trigrams, then sorted. Otherwise an index returns them in
   * order, and a page costs the same however many match.
   */
  isSorted?: boolean
}

/** Conditions for better and worse matches, the best first. No tier repeats matches of the ones before it. */
export async function tiersOf(q: string): Promise<Tier[]> {
  if (!q) return [{}]
  const username = like(users.usernameKey, `${literal(q)}%`)
  const isCheap = (await hasTrigram(q)) || ([...q].length > 2 && (await isSmallSite()))
  return [{ where: username }, ...(isCheap ? anywhere(q, username) : atStart(q))]
}

/** Scanning this many people takes about 10 ms, so finding a text anywhere in a name needs no index. */
const smallSite = 20_000

/** Uses PostgreSQL's estimate, which costs nothing to read. */
async function isSmallSite() {
  const [row] = await database().execute<{ isSmall: boolean }>(
    sql`select reltuples < ${smallSite} as "isSmall" from pg_class where oid = 'users'::regclass`,
  )
  return row?.isSmall === true
}

const literal = (text: string) => text.replace(/[\\%_]/g, '\\$&')

/** Names in which a word begins with the text, then names that contain it anywhere. */
function anywhere(q: string, username: SQL): Tier[] {
  const word = like(users.searchText, `% ${literal(q)}%`)
  const part = like(users.searchText, `%${literal(q)}%`)
  return [and(word, not(username)), and(part, not(word), not(username))].map((where) => ({
    where,
    isSorted: true,
  }))
}

/**
 * People whose first or last name begins with the text. An index on a name's first one or two characters returns them
 * in the order of usernames. People whose username matches are a range of it, which two conditions exclude.
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
 * Whether the trigram index can find the text: it needs three letters or digits in a row, or two at the start or end
 * of a word. For any other text PostgreSQL would scan everyone.
 */
async function hasTrigram(q: string) {
  const word = (await knowsLetters()) ? '\\p{Alphabetic}\\p{Nd}' : 'a-z\\d'
  return new RegExp(`[${word}]{3}|[${word}]{2}[^${word}]|[^${word}][${word}]{2}`, 'u').test(q)
}

let asked: Promise<boolean> | undefined

/**
 * Whether the database treats characters beyond a to z as letters. With the locale C, as in the embedded database, it
 * does not.
 */
function knowsLetters() {
  asked ??= database()
    .execute<{ knows: boolean }>(sql`select cardinality(show_trgm('яжя')) > 0 as knows`)
    .then(([row]) => row?.knows === true)
  asked.catch(() => {
    asked = undefined
  })
  return asked
}

/** The next matches after a place, at most `limit`. */
export function findMatches(tiers: Tier[], from: Place, limit: number) {
  return database().transaction(async (tx) => {
    // A generic plan, made for any text, would scan everyone for a rare one.
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
    // An expression, because to sort by the column itself PostgreSQL might scan the whole index of usernames for
    // matches.
    .orderBy(isSorted ? sql`${users.usernameKey} || ''` : users.usernameKey)
    .limit(limit)
