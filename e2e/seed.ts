import { createHash, randomBytes } from 'node:crypto'
import bcrypt from 'bcrypt'
import postgres from 'postgres'

// Playwright's process cannot import lib, which is server-only, so these helpers use SQL.
const sql = postgres(process.env.DATABASE_URL ?? '', { max: 1, idle_timeout: 2, onnotice: () => {} })

export const password = 'correct horse'
// The lowest cost, because the tests log in often.
const passwordHash = bcrypt.hash(password, 4)

type Names = { firstName?: string; lastName?: string }

/** Creates an account whose password is `password`. @returns its id */
export async function makeAccount(username: string, { firstName, lastName }: Names = {}) {
  const [row] = await sql<{ id: string }[]>`
    insert into users (username, password_hash, first_name, last_name)
    values (${username}, ${await passwordHash}, ${firstName ?? null}, ${lastName ?? null}) returning id`
  if (!row) throw new Error('The account was not created.')
  return row.id
}

type Identified = { id: string }

/** Creates a direct conversation with messages “message 1” and so on, sent in turn. @returns its id */
export async function makeConversation(one: Identified, other: Identified, messages = 0) {
  const [row] = await sql<{ id: string }[]>`
    insert into conversations (kind, direct_key, last_seq)
    values ('direct', ${[one.id, other.id].sort().join(':')}, ${messages}) returning id`
  if (!row) throw new Error('The conversation was not created.')
  for (const { id } of [one, other])
    await sql`
      insert into memberships (conversation_id, user_id, last_delivered_seq, last_read_seq, active_at, newest_seq)
      select id, ${id}, last_seq, last_seq, last_activity_at, last_seq from conversations where id = ${row.id}`
  await sql`
    insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
    select ${row.id}::uuid, seq, case when seq % 2 = 1 then ${one.id}::uuid else ${other.id}::uuid end,
      'message ' || seq, gen_random_uuid(), now() - (${messages} - seq + 1) * interval '1 minute'
    from generate_series(1, ${messages}::int) as seq`
  return row.id
}

/** Gives a person that many conversations with new people, one a minute. @returns their ids, the latest first */
export async function makeConversations({ id }: Identified, count: number) {
  const rows = await sql<{ id: string }[]>`
    with others as (
      insert into users (username, password_hash)
      select 'friend-' || gen_random_uuid()::text, 'none' from generate_series(1, ${count}::int) returning id
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
    select id from made order by last_activity_at desc`
  return rows.map((row) => row.id)
}

/** Moves a conversation down in its members' lists, as if its newest message were a day old. */
export const ageConversation = (conversationId: string) =>
  sql`
    with aged as (
      update conversations set last_activity_at = now() - interval '1 day' where id = ${conversationId}
      returning id, last_activity_at
    )
    update memberships set active_at = last_activity_at from aged where conversation_id = id`

/** Marks all messages of a conversation unread for a person. */
export const markUnread = ({ id }: Identified, conversationId: string) =>
  sql`update memberships set last_read_seq = 0 where conversation_id = ${conversationId} and user_id = ${id}`

/** Creates a group of these people, the first of whom owns it, without any messages. @returns its id */
export async function makeGroup(title: string, people: Identified[]) {
  const ids = people.map(({ id }) => id)
  const [row] = await sql<{ id: string }[]>`
    with made as (insert into conversations (kind, name) values ('group', ${title}) returning id),
    members as (
      insert into memberships (conversation_id, user_id, role, joined_at, active_at, newest_seq)
      select made.id, person::uuid, case number when 1 then 'owner' else 'member' end,
        now() - interval '1 hour' + number * interval '1 minute', now(), 0
      from made, unnest(${ids}::uuid[]) with ordinality as person (person, number)
    )
    select id from made`
  if (!row) throw new Error('The group was not created.')
  return row.id
}

/** Adds messages of a person to a group, without notifying anyone. */
export const makeMessages = ({ id }: Identified, conversationId: string, count: number) =>
  sql`
    with grown as (
      update conversations set last_seq = last_seq + ${count} where id = ${conversationId} returning id, last_seq
    ),
    members as (update memberships set newest_seq = last_seq from grown where conversation_id = grown.id)
    insert into messages (conversation_id, seq, sender_id, body, nonce)
    select id, last_seq - number + 1, ${id}::uuid, 'message ' || number, gen_random_uuid()
    from grown, generate_series(1, ${count}::int) as number`

/** Replaces the text of all messages of a conversation by one that mentions the person. */
export const makeMentions = ({ id }: Identified, conversationId: string, body: string) =>
  sql`
    with changed as (update messages set body = ${body} where conversation_id = ${conversationId} returning seq)
    insert into mentions (conversation_id, seq, user_id) select ${conversationId}, seq, ${id}::uuid from changed`

/** Creates a pending invitation, to a direct conversation or to that group. */
export const makeInvitation = (inviter: Identified, invitee: Identified, groupId: string | null = null) =>
  sql`insert into invitations (inviter_id, invitee_id, conversation_id)
    values (${inviter.id}, ${invitee.id}, ${groupId})`

/** The bodies of the conversation's stored messages, in order. */
export async function storedBodies(conversationId: string) {
  const rows = await sql<{ body: string }[]>`
    select body from messages where conversation_id = ${conversationId} order by seq`
  return rows.map(({ body }) => body)
}

export async function countInvitations(one: Identified, other: Identified) {
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int from invitations
    where inviter_id in (${one.id}, ${other.id}) and invitee_id in (${one.id}, ${other.id})`
  return row?.count
}

/** Ends all login sessions of a person, without notifying their pages. */
export const endLoginSessions = ({ id }: Identified) => sql`delete from login_sessions where user_id = ${id}`

/** Removes a person from a conversation. */
export const removeMember = ({ id }: Identified, conversationId: string) =>
  sql`delete from memberships where conversation_id = ${conversationId} and user_id = ${id}`

export async function countDrafts({ id }: Identified) {
  const [row] = await sql<{ count: number }[]>`select count(*)::int from drafts where user_id = ${id}`
  return row?.count
}

export async function roomId(name: string) {
  const [row] = await sql<{ id: string }[]>`
    select id from conversations where kind = 'room' and lower(name) = lower(${name})`
  if (!row) throw new Error('There is no such room.')
  return row.id
}

/** When a person's membership of a room expires: `Infinity` while a tab is open there, 0 without a membership. */
export async function attendsUntil({ id }: Identified, conversationId: string) {
  const [row] = await sql<{ until: number }[]>`
    select extract(epoch from present_until)::float8 as until from memberships where conversation_id = ${conversationId} and user_id = ${id}`
  return row?.until ?? 0
}

/** Makes a person a member of a room, with one message there. */
export async function makeMember({ id }: Identified, conversationId: string) {
  await sql`
    insert into memberships (conversation_id, user_id, present_until)
    values (${conversationId}, ${id}, now() + interval '1 hour')`
  await sql`
    with next as (update conversations set last_seq = last_seq + 1 where id = ${conversationId} returning last_seq)
    insert into messages (conversation_id, seq, sender_id, body, nonce)
    select ${conversationId}::uuid, last_seq, ${id}::uuid, 'hello all', gen_random_uuid() from next`
}

/** Makes all messages of a conversation that much older. */
export const ageMessages = (conversationId: string, age: string) =>
  sql`update messages set created_at = created_at - ${age}::interval where conversation_id = ${conversationId}`

/** Makes a link that resets a person's password. @returns its token */
export async function makeResetLink({ id }: Identified) {
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest('hex')
  await sql`insert into one_time_links (selector, token_hash, purpose, user_id, expires_at)
    values (${token.slice(0, 10)}, ${hash}, 'reset', ${id}, now() + interval '1 hour')`
  await sql`update users set reset_link_made_at = now() where id = ${id}`
  return token
}

export const setSiteRole = ({ id }: Identified, role: 'moderator' | 'operator') =>
  sql`update users set role = ${role} where id = ${id}`

/** Makes a report of the first message of a conversation. */
export const makeReport = (reporter: Identified, conversationId: string) =>
  sql`insert into reports (reporter_id, reported_id, conversation_id, seq, reason, note, copy)
    select ${reporter.id}, sender_id, conversation_id, seq, 'abuse', ${'A note. '.repeat(50)}, jsonb_build_array(
      jsonb_build_object('seq', seq, 'sender', jsonb_build_object('id', sender_id, 'username', username, 'name', username),
        'body', repeat('w', 300), 'createdAt', messages.created_at))
    from messages join users on users.id = sender_id where conversation_id = ${conversationId} and seq = 1`
