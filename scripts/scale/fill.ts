import bcrypt from 'bcrypt'
import postgres, { type TransactionSql } from 'postgres'
import { withoutTimeLimits } from '@/db/time-limits'
import { withoutIndexes } from './indexes'

export interface Size {
  people: number
  conversations: number
  messages: number
}

/** Everyone's. */
export const password = 'correct horse battery staple'
// With the lowest cost, so that logging in is quick.
const passwordHash = bcrypt.hashSync(password, 4)

const tables = [
  'users',
  'login_sessions',
  'presence',
  'blocks',
  'conversations',
  'memberships',
  'messages',
  'invitations',
  'mentions',
  'audit_log',
  'reports',
  'links',
]

/** The messages of each conversation are stored in that many parts, between those of others, as over many days. */
const days = 50

/** Which people and conversations are special, by number. */
export function layoutOf({ conversations }: Pick<Size, 'conversations'>) {
  // Person 1 has this many direct conversations, with the people that follow.
  const hub = Math.min(1000, share(conversations, 2))
  return { hub, firstTalker: hub + 2, talkers: share(conversations, 10), rooms: share(conversations, 500) }
}

/**
 * Fills a new database by SQL. Person 1 is the operator, and has up to 1,000 direct conversations, the “talkers” have about twenty each, and
 * the first of them has the longest one. All people but guests have `password`, and person `n` has the API token
 * `tokenOf(n)`.
 */
export async function fill(databaseUrl: string, size: Size) {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(withoutTimeLimits)
      const [person] = await tx`select from users limit 1`
      if (person) throw new Error('The database already contains people.')
      // The truncated tables are written without WAL if `wal_level` is minimal.
      await tx.unsafe(`truncate ${tables} cascade`)
      await tx.unsafe(`set local maintenance_work_mem = '512MB'; set local work_mem = '64MB'`)
      await withoutIndexes(tx, tables, () => insertRows(tx, size))
    })
    await sql.unsafe(`set statement_timeout = 0`)
    await sql.unsafe(`vacuum (freeze, analyze)`)
  } finally {
    await sql.end()
  }
}

export const tokenOf = (n: number) => `token-${n}`

async function insertRows(tx: TransactionSql, size: Size) {
  await tx.unsafe(idFunctions)
  await insertPeople(tx, size)
  await insertConversations(tx, size)
  for (let day = 0; day < days; day++) await insertMessages(tx, day)
  await insertOperation(tx, size)
}

// Ids that follow from numbers, so that no insert has to look them up. They have the form of random UUIDs.
const idFunctions = `
  create function pg_temp.id(name text) returns uuid language sql immutable
    return overlay(overlay(md5(name) placing '4' from 13) placing 'a' from 17)::uuid;
  create function pg_temp.person(n bigint) returns uuid language sql immutable return pg_temp.id('person ' || n);
  create function pg_temp.conversation(n bigint) returns uuid language sql immutable return pg_temp.id('conversation ' || n);
  -- A large number that looks random.
  create function pg_temp.mix(n bigint) returns bigint language sql immutable
    return hashint8extended(n, 1) & 9007199254740991`

/** A tenth is Chinese, Japanese or Korean; two in a hundred are guests, who have no conversations; one in 200 is online. */
async function insertPeople(tx: TransactionSql, { people, conversations }: Size) {
  const [start, end] = [
    words('An Mar El Jo Li Ka Ro Sa Da Vi Be Ni Ol Pe Ta Yu Fe Ge Ha Iv'),
    words('na ia to mir ko la rik sha ne das'),
  ]
  const [last, middle, ending] = [
    words('Ko Wal Ander Jens Mul Ros Fisch Okon Tana Silv Petr Nowa Mart Hor Lind Berg Cost Dua Eze Far'),
    words('a be chi do e fu gi ho i ka li mo ne o pa ri si to u va'),
    words('vac son er sen ki ov man ez nen berg'),
  ]
  const [eastFirst, eastLast] = [
    words('秀英 伟 芳 娜 敏 静 凛 さくら 陽菜 민준 서연 지우'),
    words('王 李 张 刘 陈 佐藤 鈴木 김 이 박'),
  ]
  await tx.unsafe(`
    insert into users (id, username, password_hash, first_name, last_name, created_at)
    select pg_temp.person(n),
      lower(case when is_eastern then 'user' || n when n % 3 = 0 then first || n
        when n % 3 = 1 then first || '.' || last || n else last || '_' || n end),
      case when not is_guest then '${passwordHash}' end,
      case when not is_guest then case when is_eastern then ${pick(eastFirst, 'mix')} else first end end,
      case when not is_guest then case when is_eastern then ${pick(eastLast, 'mix / 100')} else last end end,
      now() - case when is_guest then interval '1 hour' else interval '1 day' * (mix % 1000) end
    from generate_series(1, ${people}) as n, lateral (select pg_temp.mix(n) as mix) as mixed, lateral (
      select ${pick(start, 'mix')} || ${pick(end, 'mix / 20')} as first,
        ${pick(last, 'mix / 200')} || ${pick(middle, 'mix / 4000')} || ${pick(ending, 'mix / 80000')} as last,
        mix / 800000 % 10 = 0 as is_eastern, n % 50 = 49 and n > ${conversations} as is_guest
    ) as named`)
  await tx.unsafe(`
    insert into login_sessions (user_id, client, token_hash, created_at)
    select pg_temp.person(n), 'api', encode(sha256(convert_to('token-' || n, 'UTF8')), 'hex'), now() - interval '1 day'
    from generate_series(1, ${people}) as n`)
  await tx.unsafe(`
    insert into presence (user_id, last_request_at, connected_until, announced_online)
    select pg_temp.person(n), now() - interval '1 minute' * (2 + pg_temp.mix(n) % 50000),
      case when n % 200 = 0 then now() + interval '1 day' end, n % 200 = 0
    from generate_series(1, ${people}) as n`)
  await tx.unsafe(`
    insert into blocks (blocker_id, blocked_id)
    select pg_temp.person(n), pg_temp.person(n + ${share(people, 3)}) from generate_series(1, ${share(people, 100)}) as n`)
  await tx.unsafe(`
    insert into invitations (inviter_id, invitee_id)
    select pg_temp.person(n), pg_temp.person(n + ${share(people, 2)}) from generate_series(1, ${share(people, 50)}) as n`)
}

/**
 * Most conversations have a fifth of the average messages, one in twenty has ten times as many, and conversation
 * `hub + 1` has those that are left over, about one in a hundred of all messages.
 */
async function insertConversations(tx: TransactionSql, size: Size) {
  const { people, conversations, messages } = size
  const { hub, talkers, firstTalker, rooms } = layoutOf(size)
  const average = messages / conversations
  await tx.unsafe(`
    create temporary table filled on commit drop as
    select n, pg_temp.conversation(n) as id, kind, one, other, pg_temp.person(one) as one_id, pg_temp.person(other) as other_id,
      now() - interval '51 days' - interval '1 second' * (mix % 5000000) as began,
      ceil(${average} * case when kind = 'room' then 50 when class = 0 then 10 when class < 5 then 1.2 else 0.2 end)::int as size
    from generate_series(1, ${conversations}) as n, lateral (
      select pg_temp.mix(n) as mix, (n + pg_temp.mix(n / 20)) % 20 as class, (n - ${hub} - 1) as i, case when n > ${conversations - rooms} then 'room' else 'direct' end as kind
    ) as mixed, lateral (
      select case when n <= ${hub} then 1 else ${firstTalker} + i % ${talkers} end as one,
        case when n <= ${hub} then n + 1 else ${firstTalker} + (i + i / ${talkers} + 1) % ${talkers} end as other
    ) as pair`)
  await tx.unsafe(`
    update filled set size = size + ${messages} - (select sum(size) from filled) where n = ${hub + 1}`)
  await tx.unsafe(`
    insert into conversations (id, kind, name, direct_key, last_seq, last_activity_at, created_at)
    select id, kind, case when kind = 'room' then case when n = ${conversations} then 'lobby' else 'room-' || n end end,
      case when kind = 'direct' then least(one_id, other_id) || ':' || greatest(one_id, other_id) end,
      size, ${timeOf('size', days - 1)}, began
    from filled`)
  await tx.unsafe(`
    insert into memberships (conversation_id, user_id, last_delivered_seq, last_read_seq, joined_at, present_until, active_at, newest_seq)
    select id, member, size, case when pg_temp.mix(n) / 20 % 10 = 0 then greatest(size - 5, 0) else size end, began, null,
      ${timeOf('size', days - 1)}, size
    from filled, unnest(array[one_id, other_id]) as member where kind = 'direct'
  union all
    select id, pg_temp.person(1 + (n * 97 + i) % ${people}), size, size, now(), now() + interval '1 day', null, null
    from filled, generate_series(1, case when n = ${conversations} then ${share(people, 500)} else 10 end) as i
    where kind = 'room'`)
  await tx.unsafe(`
    insert into invitations (inviter_id, invitee_id, status, created_at, answered_at)
    select one_id, other_id, 'accepted', began, began from filled where kind = 'direct'`)
}

/** Stores a part of each conversation's messages. */
async function insertMessages(tx: TransactionSql, day: number) {
  await tx.unsafe(`
    insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
    select id, seq, case when pg_temp.mix(seq) % 2 = 0 then one_id else other_id end,
      substr('${text}', (1 + pg_temp.mix(n + seq) % 200)::int, (20 + pg_temp.mix(n * seq) % 80)::int), gen_random_uuid(),
      ${timeOf('seq', day)}
    from filled, generate_series(size::bigint * ${day} / ${days} + 1, size::bigint * ${day + 1} / ${days}) as seq`)
}

/** Ten mentions in each direct conversation, of both people, and what the operator's pages list. */
async function insertOperation(tx: TransactionSql, size: Size) {
  const { people } = size
  await tx.unsafe(`
    insert into mentions (conversation_id, seq, user_id, created_at)
    select id, seq, member, now() - interval '1 minute' * seq
    from filled, unnest(array[one_id, other_id]) as member, generate_series(greatest(1, size - 9), size) as seq
    where kind = 'direct'`)
  await tx.unsafe(`update users set role = 'operator' where id = pg_temp.person(1)`)
  await tx.unsafe(`
    insert into audit_log (at, actor_id, action, target_id)
    select now() - interval '1 minute' * n, pg_temp.person(1), 'suspended', pg_temp.person(n)
    from generate_series(1, ${share(people, 10)}) as n`)
  await tx.unsafe(`
    insert into reports (reporter_id, reported_id, conversation_id, seq, reason, copy, created_at, closed_at, closed_by)
    select pg_temp.person(n), pg_temp.person(n + 1), pg_temp.conversation(n), 1, 'spam', '[]', at,
      case when n > 100 then at end, case when n > 100 then pg_temp.person(1) end
    from generate_series(1, ${share(people, 20)}) as n, lateral (select now() - interval '1 minute' * n as at) as made`)
  await tx.unsafe(`
    insert into links (selector, token_hash, maker_id, uses, created_at, expires_at)
    select n, n, pg_temp.person(1 + n % 10), 10, now() - interval '1 minute' * n, now() + interval '7 days'
    from generate_series(1, ${share(people, 50)}) as n`)
}

/** When message `seq` was sent, on that day of its conversation. */
const timeOf = (seq: string, day: number) =>
  `began + interval '${day} days' + interval '15 seconds' * (${seq} - size::bigint * ${day} / ${days})`

const share = (count: number, part: number) => Math.max(1, Math.floor(count / part))

const words = (text: string) => text.split(' ')
const pick = (words: string[], number: string) =>
  `(array['${words.join("','")}'])[1 + (${number}) % ${words.length}]`

const text =
  'the ferry leaves at nine so bring the blue tickets and something warm to wear because it gets windy on deck; ' +
  'we can have breakfast on the island, the bakery near the harbour opens early and has the best rolls in town; ' +
  'my sister asked whether there is still room in the car for two bicycles and a tent, otherwise she takes the train'
