import 'server-only'
import { type SQL, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { processState } from '@/db/process-state'
import { nameText } from '@/db/schema'
import { Gate } from './gate'

/** The start of a page: after a username, within the matches of one tier. */
export type Place = { tier: number; after: string }
type Match = { id: string; key: string }

// Of the process's ten connections to the database (db/connection.ts), seven are always left for everything else.
const searches = processState(
  'searches',
  () => new Gate({ of: 'searches', atOnce: 3, waiting: 200, patienceMs: 2000 }),
)

/** Runs a search, at most three at a time. @throws {Refusal} 429 if its turn takes too long */
export const inTurn = <Result>(search: () => Promise<Result>) => searches.run(search)

/** Makes a query for at most `limit` matches after a username, in order. */
type Query = (after: string, limit: number) => SQL
type Tier = {
  /** A page is the result of the first query that fills it, or of the last one. */
  queries: Query[]
  /** Left out if the page has better matches. */
  isFallback?: boolean
}

/**
 * How many people a query reads, so that its cost does not grow with their number. Of very many matches some are
 * therefore left out: names that follow 500 others of people who were listed for their username already, and names with
 * the text inside after a few hundred.
 */
const mostRead = 500

/**
 * The matches for a text, the best first: usernames that begin with it, names that do, and, from three characters on,
 * names that contain it. Several words are looked for inside names only if no name begins with them, because whole
 * names consist of frequent trigrams. No tier repeats people of the ones before it.
 */
export async function tiersOf(q: string): Promise<Tier[]> {
  if (!q) return [{ queries: [byUsername(sql`true`)] }]
  const prefix = `${literal(q)}%`
  const username = sql`username_key like ${prefix}`
  const first = sql`${nameText.first} like ${prefix}`
  const last = sql`${nameText.last} like ${prefix}`
  const isLong = [...q].length > 2
  return [
    { queries: [byUsername(username)] },
    { queries: [byName(nameText.first, first, [username])] },
    { queries: [byName(nameText.last, last, [username, first])] },
    ...(isLong ? [{ queries: await anywhere(q, [username, first, last]), isFallback: q.includes(' ') }] : []),
  ]
}

const literal = (text: string) => text.replace(/[\\%_]/g, '\\$&')

const byUsername =
  (where: SQL): Query =>
  (after, limit) =>
    sql`
    select id, username_key as key from users where removed_at is null and ${where} and username_key > ${after}
    order by username_key limit ${limit}`

/** An index has the order of the names. */
const byName =
  (name: SQL, where: SQL, listed: SQL[]): Query =>
  (after, limit) =>
    sql`
    select id, key from (
      select id, username_key as key, ${name} as name, ${noneOf(listed)} as is_new from users
      where removed_at is null and ${where} and ${isBehind(name, after)} order by name, key limit ${mostRead}
    ) as named where is_new order by name, key limit ${limit}`

/** Whether a person comes after the one with this username in the order of names. */
const isBehind = (name: SQL, after: string) =>
  after
    ? sql`(${name}, username_key) > ((select ${name} from users where username_key = ${after} and removed_at is null), ${after})`
    : sql`true`

/** Among fewer people, trigrams find even a frequent text quickly. By the planner's estimate, which costs nothing. */
const areMany = sql`(select reltuples > 20000 from pg_class where oid = 'users'::regclass)`

/**
 * Among many people, looks for the text in a sample of all names, which fills a page if many contain it. Otherwise few
 * do, and their trigrams find them. For a frequent text, collecting all people with its trigrams would take long.
 */
async function anywhere(q: string, listed: SQL[]): Promise<Query[]> {
  const contains = sql`search_text like ${`%${literal(q)}%`}`
  const isIndexed = await hasTrigram(q)
  // An index contains these columns in the order of the ids, which are random.
  const inSample: Query = (after, limit) => sql`
    select id, key from (
      select id, username_key as key, search_text from users where removed_at is null
      order by id limit ${isIndexed ? 2000 : 10_000}
    ) as sample join users using (id)
    where ${isIndexed ? areMany : sql`true`} and sample.${contains} and key > ${after} and ${noneOf(listed)}
    order by key limit ${limit}`
  const byTrigrams: Query = (after, limit) => sql`
    select id, key from (
      select id, username_key as key, ${noneOf(listed)} as is_new from users
      where removed_at is null and ${contains} limit ${mostRead}
    ) as found where is_new and key > ${after} order by key limit ${limit}`
  return isIndexed ? [inSample, byTrigrams] : [inSample]
}

const noneOf = (conditions: SQL[]) => sql`(${sql.join(conditions, sql` or `)}) is not true`

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

/**
 * Settings for the planner. A generic plan, made for any text, would scan everyone for a rare one, and so would a plan
 * for a text that seems frequent but is not.
 */
export const planning = sql`select set_config('plan_cache_mode', 'force_custom_plan', true), set_config('enable_seqscan', 'off', true)`

/** The next matches after a place, at most `limit`. */
export function findMatches(tiers: Tier[], from: Place, limit: number) {
  return database().transaction(async (tx) => {
    await tx.execute(planning)
    const found: (Match & { tier: number })[] = []
    for (const [tier, { queries, isFallback }] of tiers.entries()) {
      if (tier < from.tier || (isFallback && found.length)) continue
      const after = tier === from.tier ? from.after : ''
      const missing = limit - found.length
      let matches: Match[] = []
      for (const query of queries)
        if (matches.length < missing) matches = await tx.execute<Match>(query(after, missing))
      found.push(...matches.map((match) => ({ ...match, tier })))
    }
    return found
  })
}
