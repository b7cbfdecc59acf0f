import { createHash } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
import { logIn } from '../http'
import { startTemporaryParley } from '../temporary'
import { layoutOf, password, type Size, tokenOf } from './fill'

/** A site on a filled database. */
export interface FilledSite {
  url: string
  sql: Sql
  /** The person with the most conversations. */
  hub: Person
  /** A person of the conversation with the most messages. */
  longest: Person
  people: Person[]
}

/** A person, and one of their direct conversations, their longest. */
export interface Person {
  username: string
  name: string
  token: string
  cookie: string
  conversationId: string
  lastSeq: number
}

/** Starts a site with its own Soketi, and logs `count` people in, chosen evenly among those who talk. */
export async function startSite(databaseUrl: string, size: Size, count: number): Promise<FilledSite> {
  const { url } = await startTemporaryParley({ env: { DATABASE_URL: databaseUrl } })
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  const { firstTalker, talkers } = layoutOf(size)
  const numbers = Array.from(
    { length: count },
    (_, index) => firstTalker + Math.floor((index * talkers) / count),
  )
  const [hub, longest, ...people] = await Promise.all(
    [1, firstTalker, ...numbers].map((n) => findPerson(sql, n)),
  )
  if (!hub || !longest) throw new Error('Nobody was found.')
  for (const person of [hub, longest, ...people]) {
    person.cookie = await logIn(url, person.username, password)
    await forgetLimits(sql)
  }
  return { url, sql, hub, longest, people }
}

/** So that the measurement meets no limit. */
export const forgetLimits = (sql: Sql) => sql`delete from limits`

async function findPerson(sql: Sql, n: number): Promise<Person> {
  const token = tokenOf(n)
  const [row] = await sql<Omit<Person, 'token' | 'cookie'>[]>`
    select username, concat_ws(' ', first_name, last_name) as name, conversation_id as "conversationId",
      last_seq::int as "lastSeq"
    from login_sessions join users on users.id = user_id join memberships using (user_id)
      join conversations on conversations.id = conversation_id
    where token_hash = ${createHash('sha256').update(token).digest('hex')} and kind = 'direct'
    order by last_seq desc limit 1`
  if (!row) throw new Error('The database was not filled.')
  return { ...row, token, cookie: '' }
}
