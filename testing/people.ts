import { randomBytes, randomInt, randomUUID } from 'node:crypto'
import { after } from 'node:test'
import bcrypt from 'bcrypt'
import { eq, sql } from 'drizzle-orm'
import { closeDatabase, database } from '@/db/connection'
import { users } from '@/db/schema'
import { enterRoom } from '@/lib/attendance'
import { openDirectConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { startLoginSession } from '@/lib/login-sessions'
import { sendMessage } from '@/lib/messages'
import { noteRequest } from '@/lib/presence'
import { published } from '@/lib/realtime/publish'
import { shownName } from '@/lib/users'
import { type HttpResponse, type RequestOptions, request } from './http'

export type TestPerson = CurrentUser & {
  token: string
  /** Sends a request to the HTTP API with this person's token. */
  request: (path: string, options?: RequestOptions) => Promise<HttpResponse>
}

type Details = {
  firstName?: string
  lastName?: string
  username?: string
  isGuest?: boolean
  siteRole?: CurrentUser['siteRole']
}

// An open connection would keep the process of the test file alive.
after(async () => {
  await published()
  await closeDatabase()
})

/** Letters and digits that no other test uses, for names. */
export const unique = () => randomBytes(5).toString('hex')

/** An id that no row has. */
export const unknownId = '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f'

/** A socket id in Soketi's format, which no other test uses. */
export const socketId = () => `${randomInt(1e10)}.${randomInt(1e10)}`

/** Creates a person with a login session, offline until the first request. There is no password, as hashing is slow. */
export async function person(name = 'ada', details: Details = {}): Promise<TestPerson> {
  const { firstName = null, lastName = null, isGuest = false, siteRole = 'person' } = details
  const username = details.username ?? `${name}-${unique()}`
  const [row] = await database()
    .insert(users)
    .values({ username, firstName, lastName, passwordHash: isGuest ? null : 'none', role: siteRole })
    .returning()
  if (!row) throw new Error('The person was not created.')
  const { id, gender } = row
  return withSession({
    id,
    username,
    name: shownName(row),
    firstName,
    lastName,
    gender,
    isGuest,
    siteRole,
    mayMakeLinks: siteRole === 'operator',
  })
}

export const password = 'correct horse'

/** Creates a person with a password, hashed at the lowest cost. */
export async function account(name?: string, ownPassword = password) {
  const created = await person(name)
  const passwordHash = await bcrypt.hash(ownPassword, 4)
  await database().update(users).set({ passwordHash }).where(eq(users.id, created.id))
  return created
}

export const people = <Names extends string[]>(...names: Names) =>
  Promise.all(names.map((name) => person(name))) as Promise<{ [Index in keyof Names]: TestPerson }>

/** Creates a person who is online. */
export async function onlinePerson(name?: string, details?: Details) {
  const created = await person(name, details)
  await noteRequest(created.id)
  return created
}

export const testOrigin = { userAgent: 'a test', address: '127.0.0.1' }

/** A person on a site whose settings are the default ones. */
const ordinary: Pick<
  CurrentUser,
  'siteRole' | 'siteName' | 'mayMakeLinks' | 'mayMakeRooms' | 'resetLinkMadeAt'
> = {
  siteRole: 'person',
  siteName: 'Parley',
  mayMakeLinks: false,
  mayMakeRooms: true,
  resetLinkMadeAt: null,
}

/** Starts another login session of a person. */
export async function withSession(
  user: Omit<CurrentUser, 'loginSessionId' | 'address' | keyof typeof ordinary> & Partial<typeof ordinary>,
): Promise<TestPerson> {
  const { id, token } = await startLoginSession(user.id, 'api', testOrigin)
  return {
    ...ordinary,
    ...user,
    address: testOrigin.address,
    loginSessionId: id,
    token,
    request: (path, options) => request(path, { token, ...options }),
  }
}

/** Creates two people with a direct conversation. */
export async function friends(one = 'ada', other = 'bob') {
  const [ada, bob] = await Promise.all([person(one), person(other)])
  return { ada, bob, id: await conversationOf(ada, bob) }
}

export async function conversationOf(one: CurrentUser, other: CurrentUser) {
  const id = await database().transaction((tx) => openDirectConversation(tx, one.id, other.id))
  if (!id) throw new Error('The conversation was not created.')
  return id
}

/** Creates that many people without login sessions. */
export const makePeople = (count: number) =>
  database().execute<{ id: string }>(sql`
    insert into users (username, password_hash)
    select ${`many-${unique()}-`} || number, 'none' from generate_series(1, ${count}::int) as number returning id`)

/** Gives a person that many conversations with others, a minute apart. @returns their ids, the latest first */
export async function makeConversations({ id }: CurrentUser, count: number) {
  const made = await database().execute<{ id: string }>(sql`
    with others as (
      insert into users (username, password_hash)
      select ${`friend-${unique()}-`} || number, 'none' from generate_series(1, ${count}::int) as number returning id
    ),
    made as (
      insert into conversations (kind, direct_key, last_activity_at)
      select 'direct', least(id, ${id}::uuid) || ':' || greatest(id, ${id}::uuid),
        now() - row_number() over () * interval '1 minute'
      from others returning id, direct_key, last_activity_at
    ),
    members as (
      insert into memberships (conversation_id, user_id, active_at, newest_seq)
      select id, person::uuid, last_activity_at, 0 from made, regexp_split_to_table(direct_key, ':') as person
    )
    select id from made order by last_activity_at desc`)
  return made.map(({ id }) => id)
}

export async function say(user: CurrentUser, conversationId: string, body = 'hello', nonce = randomUUID()) {
  const { message } = await sendMessage(user, conversationId, { body, nonce })
  return message
}

/** Sends into a room. Joins it again first, because a member without a tab or stream leaves after a while. */
export async function sayInRoom(user: CurrentUser, roomId: string, body?: string) {
  await enterRoom(user, roomId)
  return say(user, roomId, body)
}

/** Creates a group of a new owner and new members with these names. */
export async function groupOf(...names: [string, ...string[]]) {
  const [owner, ...members] = (await people(...names)) as [TestPerson, ...TestPerson[]]
  const id = await makeGroup(owner, ...members)
  return { id, owner, members }
}

/** Creates a group of these people, the first of whom owns it. They join in this order. @returns its id */
export async function makeGroup(...people: { id: string }[]) {
  const ids = sql.param(people.map(({ id }) => id))
  const [made] = await database().execute<{ id: string }>(sql`
    with made as (insert into conversations (kind, name) values ('group', ${`group-${unique()}`}) returning id),
    members as (
      insert into memberships (conversation_id, user_id, role, joined_at, active_at, newest_seq)
      select made.id, person.id, case number when 1 then 'owner' else 'member' end,
        now() - interval '1 hour' + number * interval '1 minute', now(), 0
      from made, unnest(${ids}::uuid[]) with ordinality as person (id, number)
    )
    select id from made`)
  if (!made) throw new Error('The group was not created.')
  return made.id
}
