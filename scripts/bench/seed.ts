import { createHash, randomBytes } from 'node:crypto'
import bcrypt from 'bcrypt'
import postgres from 'postgres'
import { logIn } from '../http'
import type { Site } from './parley'

export interface Person {
  id: string
  username: string
  /** Bearer token for the API. */
  token: string
  /** Session cookie for pages. Empty for people in the room. */
  cookie: string
}

/** Two people and their conversation. */
export interface Pair {
  conversationId: string
  sender: Person
  receiver: Person
}

export interface Room {
  name: string
  conversationId: string
  people: Person[]
}

export type Seed = Awaited<ReturnType<typeof seed>>

/** Fills a new Parley by SQL, because registering hundreds of people by its forms would take minutes. */
export async function seed({ url, env }: Site, pairs: number, roomSize: number) {
  const sql = postgres(env.DATABASE_URL ?? '', { max: 1 })
  const people = await makePeople(sql, url, pairs * 2, roomSize)
  const found: Pair[] = []
  for (let index = 0; index < pairs; index++) {
    const [sender, receiver] = people.slice(index * 2) as [Person, Person]
    const conversationId = await makeConversation(sql, 'direct', directKey(sender, receiver), [
      sender,
      receiver,
    ])
    found.push({ conversationId, sender, receiver })
  }
  const crowd = people.slice(pairs * 2)
  const name = 'bench'
  const room: Room = { name, people: crowd, conversationId: await makeConversation(sql, 'room', name, crowd) }
  await sql.end()
  return { pairs: found, room }
}

/** The people of the pairs also log in as browsers do. */
async function makePeople(sql: postgres.Sql, url: string, paired: number, more: number): Promise<Person[]> {
  const password = 'correct horse battery staple'
  // A low cost factor, so that logging in is quick.
  const passwordHash = await bcrypt.hash(password, 4)
  const tokens = Array.from({ length: paired + more }, () => randomBytes(32).toString('base64url'))
  const hashes = tokens.map((token) => createHash('sha256').update(token).digest('hex'))
  const rows = await sql<{ id: string; username: string }[]>`
    insert into users (username, password_hash)
    select 'bench-' || number, ${passwordHash} from generate_series(1, ${tokens.length}) number
    returning id, username`
  await sql`insert into login_sessions (user_id, client, token_hash)
    select id, 'api', hash from unnest(${rows.map(({ id }) => id)}::uuid[], ${hashes}::text[]) as row (id, hash)`
  const people: Person[] = []
  for (const [index, { id, username }] of rows.entries()) {
    const cookie = index < paired ? await logIn(url, username, password) : ''
    people.push({ id, username, token: tokens[index] ?? '', cookie })
  }
  return people
}

const directKey = (...people: Person[]) =>
  people
    .map(({ id }) => id)
    .sort()
    .join(':')

async function makeConversation(sql: postgres.Sql, kind: 'direct' | 'room', name: string, people: Person[]) {
  const key = kind === 'direct' ? { direct_key: name } : { name }
  const [row] = await sql<{ id: string }[]>`insert into conversations ${sql({ kind, ...key })} returning id`
  const id = row?.id ?? ''
  await sql`insert into memberships (conversation_id, user_id)
    select ${id}, unnest(${people.map(({ id }) => id)}::uuid[])`
  return id
}
