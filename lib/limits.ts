import 'server-only'
import { lt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { preparedSql } from '@/db/prepared'
import { limits as table } from '@/db/schema'
import { addressKey, forgetOldAddresses, networkKey } from './addresses'
import { env } from './env'
import { Refusal } from './errors'
import { logSecurity } from './log'

/** So many at once; each comes back `seconds` after the one before it. */
type Rate = { atOnce: number; seconds: number }

/**
 * Whose allowance is taken from: a person's, an address's, an IPv6 network's, a person's by way of one address. In
 * the order they stand in below: what an earlier one refuses costs a later one nothing.
 */
export type Scope = 'person' | 'address' | 'network' | 'pair'
type Limit = { of: string } & Partial<Record<Scope, Rate>>

const tenfold = ({ atOnce, seconds }: Rate): Rate => ({ atOnce: atOnce * 10, seconds: seconds / 10 })

/**
 * A /48 has ten times the allowance of one of its /64s. One customer may hold a whole /48, so it must be far less than
 * 65,536 times; many customers may share it (mobile carriers), and ten times keeps one of them from using it up.
 */
const perAddress = (rate: Rate) => ({ address: rate, network: tenfold(rate) })

/**
 * An address has ten times a person's allowance, because a household or school often shares one. The person comes
 * first, so that one who floods does not use up the address of the others.
 */
const perPerson = (rate: Rate) => ({ person: rate, ...perAddress(tenfold(rate)) })

/** What may be done how often. */
const limits = {
  // A password's hash costs a third of a second of a processor.
  register: { of: 'registrations', ...perAddress({ atOnce: 20, seconds: 10 }) },
  guest: { of: 'guests', ...perAddress({ atOnce: 40, seconds: 3 }) },
  // A guest's; changing a password counts as a login.
  firstPassword: { of: 'attempts', ...perPerson({ atOnce: 5, seconds: 60 }) },
  // Right passwords give `pair` and `person` back: these two count the wrong ones. `person` comes last, as it is
  // the one that strangers can use up, and holds only where the person has never logged in from.
  logIn: {
    of: 'logins',
    pair: { atOnce: 20, seconds: 60 },
    ...perAddress({ atOnce: 30, seconds: 2 }),
    person: { atOnce: 100, seconds: 36 },
  },
  // A page that is live searches up to 40 times a minute, and somebody may have three of them open.
  search: { of: 'searches', ...perPerson({ atOnce: 60, seconds: 0.5 }) },
  // Somebody offline is invited in two steps.
  invite: { of: 'invitations', ...perPerson({ atOnce: 20, seconds: 5 }) },
  send: { of: 'messages', ...perPerson({ atOnce: 60, seconds: 1 }) },
  // A room stands in everyone's list: for good once something is said in it, otherwise for a day.
  makeRoom: { of: 'new rooms', ...perPerson({ atOnce: 10, seconds: 30 }) },
  // Everyone in the room is notified. Leaving needs no limit of its own, because each leave follows a join. After
  // an outage of Soketi every open tab joins again, and a bot without a stream joins for each message.
  joinRoom: { of: 'rooms joined', ...perPerson({ atOnce: 60, seconds: 2 }) },
  listRooms: { of: 'requests', ...perPerson({ atOnce: 60, seconds: 1 }) },
  // GET /api/me and /overview: clients and pages ask once after a break, and every few seconds while Soketi is down.
  me: { of: 'requests', ...perPerson({ atOnce: 60, seconds: 1 }) },
  // Blocking and unblocking.
  block: { of: 'changes', ...perPerson({ atOnce: 40, seconds: 5 }) },
  // A page needs about six, and all open tabs ask again at once after a break.
  authorize: { of: 'subscriptions', ...perPerson({ atOnce: 400, seconds: 0.1 }) },
  // A page reports at most once a second; pages that are opened mark read as well.
  markRead: { of: 'read marks', ...perPerson({ atOnce: 120, seconds: 0.5 }) },
} satisfies Record<string, Limit>

export type LimitName = keyof typeof limits
/** Who does it, as far as that is known. All requests without a readable address share one allowance. */
export type Doer = { id?: string; address: string | null }
export type Allowance = { key: string; scope: Scope; atOnce: number; seconds: number }

/**
 * Takes one from each allowance, or from none that comes after a used up one.
 * @throws {Refusal} 429, with when there is one again
 */
export async function spend(name: LimitName, by: Doer, scopes?: Scope[]) {
  const allowances = allowancesOf(name, by, scopes)
  if (!allowances.length) return
  const taken = await take[allowances.length]?.(takeValues(allowances))
  if (!taken?.length) await refuse(name, by, allowances)
}

/** Says when there is one again. @throws {Refusal} 429 */
export async function refuse(name: LimitName, by: Doer, allowances: Allowance[]): Promise<never> {
  const { seconds, scope } = await findUsedUp(allowances)
  logLimit(name, scope, by)
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

/** What doing it takes from: nothing if the limits are off. */
export function allowancesOf(name: LimitName, { id, address }: Doer, scopes?: Scope[]): Allowance[] {
  if (env().PARLEY_LIMITS === 'off') return []
  const from = addressKey(address) ?? 'unknown'
  const whose = { person: id, address: from, network: networkKey(address), pair: id && `${id} ${from}` }
  const { of, ...rates } = limits[name] as Limit
  return (Object.entries(rates) as [Scope, Rate][]).flatMap(([scope, rate]) =>
    whose[scope] && (scopes?.includes(scope) ?? true)
      ? { key: `${name} ${scope} ${whose[scope]}`, scope, ...rate }
      : [],
  )
}

/** The most allowances that anything takes from. */
const mostAllowances = 4

/** One of these for each number of allowances, from none on: their statements differ in it alone. */
export const forEachCount = <T>(make: (count: number) => T) =>
  Array.from({ length: mostAllowances + 1 }, (_, count) => make(count))

const part = (index: number) => sql.raw(`part${index}`)

/**
 * Takes one from so many allowances, as parts of a statement's `with`, to be run with `takeValues`. The last part has
 * a row if all had one left. It is the generic cell rate algorithm: a row says when its allowance will be full again,
 * and one taken moves that on, as far as so many at once allow. Each part needs a row of the one before.
 */
export const takeParts = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    const value = (name: string) => sql.placeholder(`${name}${index}`)
    const one = sql`make_interval(secs => ${value('seconds')})`
    return sql`${part(index)} as (
      insert into limits (key, full_at) select ${value('key')}, now() + ${one} ${index ? sql`from ${part(index - 1)}` : sql``}
      on conflict (key) do update set full_at = greatest(limits.full_at, now()) + ${one}
      where greatest(limits.full_at, now()) + ${one} <= now() + make_interval(secs => ${value('most')})
      returning key)`
  })
export const lastPart = (count: number) => part(count - 1)

export const takeValues = (allowances: Allowance[]) =>
  Object.fromEntries(
    allowances.flatMap(({ key, atOnce, seconds }, index) => [
      [`key${index}`, key],
      [`seconds${index}`, seconds],
      [`most${index}`, seconds * atOnce],
    ]),
  )

const take = forEachCount((count) =>
  preparedSql(sql`with ${sql.join(takeParts(count), sql`, `)} select from ${lastPart(count)}`),
)

/** The allowance that takes longest to have one again, and whole seconds, at least 1, until then. */
async function findUsedUp(allowances: Allowance[]) {
  const [row] = await database().execute<{ seconds: number; scope: Scope }>(sql`
    select ceil(extract(epoch from full_at - now()) - seconds * ("atOnce" - 1))::int as seconds, scope
    from limits natural join jsonb_to_recordset(${JSON.stringify(allowances)}::jsonb)
      as asked (key text, scope text, seconds float8, "atOnce" int)
    order by seconds desc limit 1`)
  return { scope: row?.scope, seconds: Math.max(1, row?.seconds ?? 1) }
}

const logEveryMs = 60_000
/** More keys in a minute are not logged, so that a flood from many addresses does not fill the log. */
const maxLogged = 1000
/** When a line was last written, by what it was about; the oldest first. */
const logged = new Map<string, number>()

/** Logs that a limit was reached: once a minute for each person, or each address without one. */
function logLimit(limit: LimitName, scope: Scope | undefined, { id, address }: Doer) {
  const key = `${limit} ${scope} ${id ?? addressKey(address)}`
  const now = Date.now()
  for (const [old, at] of logged)
    if (now - at > logEveryMs) logged.delete(old)
    else break
  if (logged.has(key) || logged.size >= maxLogged) return
  logged.set(key, now)
  logSecurity('limit-reached', { limit, scope, user: id, address })
}

function inWords(seconds: number) {
  if (seconds < 100) return seconds === 1 ? '1 second' : `${seconds} seconds`
  return `${Math.ceil(seconds / 60)} minutes`
}

/** Removes what says nothing any more: rows whose allowance is full again, and addresses of long ago. */
export const forgetLimits = () =>
  Promise.all([database().delete(table).where(lt(table.fullAt, sql`now()`)), forgetOldAddresses()])
