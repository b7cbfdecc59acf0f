import 'server-only'
import { lt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { limits as table } from '@/db/schema'
import { addressKey, forgetOldAddresses } from './addresses'
import { env } from './env'
import { Refusal } from './errors'

/** So many at once; each comes back `seconds` after the one before it. */
type Rate = { atOnce: number; seconds: number }

/**
 * Whose allowance is taken from: a person's, an address's, a person's by way of one address. In the order
 * they stand in below: what an earlier one refuses costs a later one nothing.
 */
export type Scope = 'person' | 'address' | 'pair'
type Limit = { of: string } & Partial<Record<Scope, Rate>>

/**
 * An address has ten times a person's allowance, for a family, a club or a school is behind one. The person comes
 * first, so that one who floods does not use up the address of the others.
 */
const perPerson = ({ atOnce, seconds }: Rate) => ({
  person: { atOnce, seconds },
  address: { atOnce: atOnce * 10, seconds: seconds / 10 },
})

/** What may be done how often. */
const limits = {
  // A password's hash costs a third of a second of a processor.
  register: { of: 'registrations', address: { atOnce: 20, seconds: 10 } },
  guest: { of: 'guests', address: { atOnce: 40, seconds: 3 } },
  // Right passwords give `pair` and `person` back: these two count the wrong ones. `person` comes last, as it is
  // the one that strangers can use up, and holds only where the person has never logged in from.
  logIn: {
    of: 'logins',
    pair: { atOnce: 20, seconds: 60 },
    address: { atOnce: 30, seconds: 2 },
    person: { atOnce: 100, seconds: 36 },
  },
  // A page that is live searches up to 40 times a minute, and somebody may have three of them open.
  search: { of: 'searches', ...perPerson({ atOnce: 60, seconds: 0.5 }) },
  // Somebody offline is invited in two steps.
  invite: { of: 'invitations', ...perPerson({ atOnce: 20, seconds: 5 }) },
  send: { of: 'messages', ...perPerson({ atOnce: 60, seconds: 1 }) },
  // Each is remembered for a day. A page that opens takes several, as it authorizes its channels all at once.
  openSocket: { of: 'live connections', person: { atOnce: 1000, seconds: 0.5 } },
  // A room stays, and stands in everyone's list.
  makeRoom: { of: 'new rooms', ...perPerson({ atOnce: 10, seconds: 30 }) },
} satisfies Record<string, Limit>

export type LimitName = keyof typeof limits
/** Who does it, as far as that is known. What is not known has no allowance, and so no limit. */
export type Doer = { id?: string; address: string | null }
type Allowance = { key: string; atOnce: number; seconds: number }

/**
 * Takes one from each allowance, or from none that comes after a used up one.
 * @throws {Refusal} 429, with when there is one again
 */
export async function spend(name: LimitName, by: Doer, scopes?: Scope[]) {
  const allowances = allowancesOf(name, by, scopes)
  if (!allowances.length || (await take(allowances))) return
  const seconds = await secondsUntilNext(allowances)
  throw new Refusal(429, `Too many ${limits[name].of}. Try again in ${inWords(seconds)}.`, {
    retryAfter: seconds,
  })
}

/** Puts back what `spend` took: it shall not count. */
export async function giveBack(name: LimitName, by: Doer, scopes: Scope[]) {
  const allowances = allowancesOf(name, by, scopes)
  if (!allowances.length) return
  await database().execute(sql`
    update limits set full_at = full_at - make_interval(secs => seconds)
    from jsonb_to_recordset(${JSON.stringify(allowances)}::jsonb) as spent (key text, seconds float8)
    where limits.key = spent.key`)
}

function allowancesOf(name: LimitName, { id, address }: Doer, scopes?: Scope[]): Allowance[] {
  if (env().PARLEY_LIMITS === 'off') return []
  const from = addressKey(address)
  const whose = { person: id, address: from, pair: id && from && `${id} ${from}` }
  const { of, ...rates } = limits[name] as Limit
  return (Object.entries(rates) as [Scope, Rate][]).flatMap(([scope, rate]) =>
    whose[scope] && (scopes?.includes(scope) ?? true)
      ? { key: `${name} ${scope} ${whose[scope]}`, ...rate }
      : [],
  )
}

/**
 * The generic cell rate algorithm: a row says when its allowance will be full again, and one taken moves that
 * on, as far as so many at once allow. One statement, each part of which needs a row of the one before.
 */
async function take(allowances: Allowance[]) {
  const part = (index: number) => sql.raw(`part${index}`)
  const parts = allowances.map(({ key, atOnce, seconds }, index) => {
    const one = sql`make_interval(secs => ${seconds})`
    return sql`${part(index)} as (
      insert into limits (key, full_at) select ${key}, now() + ${one} ${index ? sql`from ${part(index - 1)}` : sql``}
      on conflict (key) do update set full_at = greatest(limits.full_at, now()) + ${one}
      where greatest(limits.full_at, now()) + ${one} <= now() + make_interval(secs => ${seconds * atOnce})
      returning key)`
  })
  const taken = await database().execute(
    sql`with ${sql.join(parts, sql`, `)} select from ${part(allowances.length - 1)}`,
  )
  return taken.length > 0
}

/** Whole seconds, at least 1, until each of the allowances has one. */
async function secondsUntilNext(allowances: Allowance[]) {
  const [row] = await database().execute<{ seconds: number }>(sql`
    select max(ceil(extract(epoch from full_at - now()) - seconds * ("atOnce" - 1)))::int as seconds
    from limits natural join jsonb_to_recordset(${JSON.stringify(allowances)}::jsonb)
      as asked (key text, seconds float8, "atOnce" int)`)
  return Math.max(1, row?.seconds ?? 1)
}

function inWords(seconds: number) {
  if (seconds < 100) return seconds === 1 ? '1 second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}

/** Removes what says nothing any more: rows whose allowance is full again, and addresses of long ago. */
export const forgetLimits = () =>
  Promise.all([database().delete(table).where(lt(table.fullAt, sql`now()`)), forgetOldAddresses()])
