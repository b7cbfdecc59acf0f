import 'server-only'
import { lt, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { preparedSql } from '@/db/prepared'
import { limits as table } from '@/db/schema'
import { addressKey, forgetOldAddresses, networkKey } from './addresses'
import { env } from './env'
import { Refusal } from './errors'
import { logSecurity } from './log'

/** `atOnce` may be used at once; one more becomes available every `seconds`. */
type Rate = { atOnce: number; seconds: number }

/**
 * Whose allowance is used: a person's, an address's, an IPv6 network's, or that of one person at one address
 * (`pair`). They are used in the order given below, and if one refuses, the later ones lose nothing.
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

/** How often each action is allowed. */
const limits = {
  // Hashing a password takes a third of a second of CPU.
  register: { of: 'registrations', ...perAddress({ atOnce: 20, seconds: 10 }) },
  guest: { of: 'guests', ...perAddress({ atOnce: 40, seconds: 3 }) },
  // For guests who set a password, and people who reset theirs. Changing a password counts as a login.
  firstPassword: { of: 'attempts', ...perPerson({ atOnce: 5, seconds: 60 }) },
  // A right password gives `pair` and `person` back, so these count wrong ones. `person` comes last because strangers
  // can use it up. It applies only at addresses where the person has never logged in.
  logIn: {
    of: 'logins',
    pair: { atOnce: 20, seconds: 60 },
    ...perAddress({ atOnce: 30, seconds: 2 }),
    person: { atOnce: 100, seconds: 36 },
  },
  // A page may search up to 40 times a minute, and a person may have three of them open.
  search: { of: 'searches', ...perPerson({ atOnce: 60, seconds: 0.5 }) },
  // Inviting a person who is offline takes two requests.
  invite: { of: 'invitations', ...perPerson({ atOnce: 20, seconds: 5 }) },
  // Counts as an invitation too, however many people it names.
  createGroup: { of: 'new groups', ...perPerson({ atOnce: 10, seconds: 360 }) },
  makeLink: { of: 'new links', ...perPerson({ atOnce: 20, seconds: 60 }) },
  send: { of: 'messages', ...perPerson({ atOnce: 60, seconds: 1 }) },
  react: { of: 'reactions', ...perPerson({ atOnce: 60, seconds: 1 }) },
  // A new room appears in everyone's list: for a day, or forever once it has a message.
  createRoom: { of: 'new rooms', ...perPerson({ atOnce: 10, seconds: 30 }) },
  // Everyone in the room is notified. Leaving needs no limit, because each leave follows a join. After an outage of
  // Soketi every open tab joins again, and a bot without a stream joins for each message.
  joinRoom: { of: 'rooms joined', ...perPerson({ atOnce: 60, seconds: 2 }) },
  listRooms: { of: 'requests', ...perPerson({ atOnce: 60, seconds: 1 }) },
  // GET /api/me and /overview: once after a break, and every few seconds while Soketi is down.
  me: { of: 'requests', ...perPerson({ atOnce: 60, seconds: 1 }) },
  // Each is read by a moderator.
  report: { of: 'reports', ...perPerson({ atOnce: 20, seconds: 30 }) },
  // What moderators do to people and rooms.
  moderate: { of: 'changes', ...perPerson({ atOnce: 60, seconds: 2 }) },
  // Blocking and unblocking.
  block: { of: 'changes', ...perPerson({ atOnce: 40, seconds: 5 }) },
  // A page needs about six, and after a break all open tabs subscribe again at once.
  authorize: { of: 'subscriptions', ...perPerson({ atOnce: 400, seconds: 0.1 }) },
  // A page reports at most once a second, and opening a page marks read too.
  markRead: { of: 'read marks', ...perPerson({ atOnce: 120, seconds: 0.5 }) },
  // Changes by operators, each of which adds to their log.
  operate: { of: 'changes', ...perPerson({ atOnce: 60, seconds: 2 }) },
  // Attempts to export data. How many exports there may be is counted exactly (export/export.ts).
  export: { of: 'exports', ...perPerson({ atOnce: 10, seconds: 60 }) },
} satisfies Record<string, Limit>

export type LimitName = keyof typeof limits
/** The person, if known, and address that act. Requests without a readable address share one allowance. */
export type Actor = { id?: string; address: string | null }
export type Allowance = { key: string; scope: Scope; atOnce: number; seconds: number }

/**
 * Uses one of each allowance. Stops at the first that is used up.
 * @throws {Refusal} 429, with the seconds to wait
 */
export async function spend(name: LimitName, by: Actor, scopes?: Scope[]) {
  const allowances = allowancesOf(name, by, scopes)
  if (!allowances.length) return
  const taken = await take[allowances.length]?.(takeValues(allowances))
  if (!taken?.length) await refuse(name, by, allowances)
}

/** Finds out how long to wait. @throws {Refusal} 429 */
export async function refuse(name: LimitName, by: Actor, allowances: Allowance[]): Promise<never> {
  const { seconds, scope } = await findUsedUp(allowances)
  logLimit(name, scope, by)
  throw new Refusal(429, `Too many ${limits[name].of}. Try again in ${inWords(seconds)}.`, {
    retryAfter: seconds,
  })
}

/** Returns what `spend` used, so that it does not count. */
export async function giveBack(name: LimitName, by: Actor, scopes: Scope[]) {
  const allowances = allowancesOf(name, by, scopes)
  if (!allowances.length) return
  await database().execute(sql`
    update limits set full_at = full_at - make_interval(secs => seconds)
    from jsonb_to_recordset(${JSON.stringify(allowances)}::jsonb) as spent (key text, seconds float8)
    where limits.key = spent.key`)
}

/** The allowances that an action uses; none if the limits are off. */
export function allowancesOf(name: LimitName, { id, address }: Actor, scopes?: Scope[]): Allowance[] {
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

/** The most allowances that one action uses. */
const mostAllowances = 4

/** Makes one item for each number of allowances, starting with none: their statements differ only in that number. */
export const forEachCount = <T>(make: (count: number) => T) =>
  Array.from({ length: mostAllowances + 1 }, (_, count) => make(count))

const part = (index: number) => sql.raw(`part${index}`)

/**
 * Parts of a `with` clause that use one of each of `count` allowances, for `takeValues`. The last part returns a row
 * if all had one left. This is the generic cell rate algorithm: a row stores when its allowance will be full again.
 * Each use moves that time on by `seconds`, up to `atOnce` times `seconds` ahead. Each part runs only if the one
 * before returned a row.
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

/** The scope of the allowance with the longest wait, and that wait in whole seconds, at least 1. */
async function findUsedUp(allowances: Allowance[]) {
  const [row] = await database().execute<{ seconds: number; scope: Scope }>(sql`
    select ceil(extract(epoch from full_at - now()) - seconds * ("atOnce" - 1))::int as seconds, scope
    from limits natural join jsonb_to_recordset(${JSON.stringify(allowances)}::jsonb)
      as asked (key text, scope text, seconds float8, "atOnce" int)
    order by seconds desc limit 1`)
  return { scope: row?.scope, seconds: Math.max(1, row?.seconds ?? 1) }
}

const logEveryMs = 60_000
/** Keys logged in a minute, so that a flood from many addresses does not fill the log. */
const maxLogged = 1000
/** When each key was last logged, the oldest first. */
const logged = new Map<string, number>()

/** Logs that a limit was reached, once a minute for each person, or for each address if the person is unknown. */
function logLimit(limit: LimitName, scope: Scope | undefined, { id, address }: Actor) {
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

/** Deletes allowances that are full again, and old known addresses. */
export const forgetLimits = () =>
  Promise.all([database().delete(table).where(lt(table.fullAt, sql`now()`)), forgetOldAddresses()])
