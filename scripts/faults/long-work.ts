import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { createParticipant, openDirect, type Participant, type Target } from './participants'

const erased = 600
const kept = 200
const expired = 2500
const waitMs = 15_000
/** A job whose batch failed is tried again a minute later. */
const doneWithinMs = 90_000
const pollMs = 5

/** The deletion of an account with its messages, and a run of retention, to be killed in the middle. */
export class LongWork {
  private constructor(
    readonly url: string,
    readonly leaver: Participant,
    /** With the messages that are erased, and some of the other person that stay. */
    readonly left: Target,
    /** Whose messages expire. */
    readonly old: Target,
  ) {}

  static async create(url: string, one: Participant, other: Participant) {
    const leaver = await createParticipant('eve')
    const left = await openDirect(leaver, one)
    const old = await openGroup(one, other)
    const work = new LongWork(url, leaver, left, old)
    await work.#fill(left, [leaver, leaver, leaver, one], erased + kept, 0)
    await work.#fill(old, [one, other], expired, 30)
    return work
  }

  /** Adds messages of these people in turn, that many days old. */
  #fill({ id }: Target, senders: Participant[], count: number, days: number) {
    const ids = sql.param(senders.map(({ id }) => id))
    const names = sql.param(senders.map(({ username }) => username))
    return database().execute(sql`
      with said as (
        insert into messages (conversation_id, seq, sender_id, body, nonce, created_at)
        select ${id}, seq, (${ids}::uuid[])[place], (${names}::text[])[place] || ' ' || seq, gen_random_uuid(),
          now() - ${days} * interval '1 day'
        from generate_series(1, ${count}::int) as seq, lateral (select 1 + seq % ${senders.length}) as turn (place)
        order by seq),
      members as (update memberships set newest_seq = ${count} where conversation_id = ${id})
      update conversations set last_seq = ${count} where id = ${id}`)
  }

  /**
   * Begins both. When they have come some way, makes their next batches wait in the middle, until the returned function
   * is called.
   */
  async begin() {
    await database().execute(sql`update site_settings set keep_groups = 7`)
    await database().execute(sql`insert into jobs (kind, state) values ('retention', '{}')`)
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${this.leaver.token}` }
    const body = JSON.stringify({ password: 'correct horse battery staple', messages: 'erase' })
    const { status } = await fetch(`${this.url}/api/me`, { method: 'DELETE', headers, body })
    if (status !== 204) throw new Error(`The account was not deleted: ${status}`)
    await until(async () => {
      const { version, firstSeq } = await this.#places()
      return version > 0 && firstSeq > 1
    }, waitMs)
    return this.#hold()
  }

  /** Locks both conversations, for which the batches then wait inside their transactions. */
  async #hold() {
    const release = new AbortController()
    let isHeld = () => {}
    const held = new Promise<void>((resolve) => {
      isHeld = resolve
    })
    const ids = sql.param([this.left.id, this.old.id])
    const holding = database().transaction(async (tx) => {
      await tx.execute(
        sql`select from conversations where id = any(${ids}::uuid[]) order by id for no key update`,
      )
      isHeld()
      await until(() => release.signal.aborted, waitMs)
    })
    await Promise.race([held, holding])
    const { version, firstSeq } = await this.#places()
    if (version >= erased || firstSeq > expired) throw new Error('The work was done before the fault.')
    return async () => {
      release.abort()
      await holding
    }
  }

  /** Waits until all is done. @returns what is wrong */
  async check() {
    const areDone = async () => {
      const [row] = await database().execute<{ count: number }>(
        sql`select count(*)::int from jobs where finished_at is null`,
      )
      return row?.count === 0
    }
    await until(areDone, doneWithinMs)
    const found = { ...(await this.#places()), ...(await this.#counts()) }
    const expected = {
      // Each message is erased once, and each is a change.
      version: erased,
      firstSeq: expired + 1,
      erased,
      kept,
      expired: 0,
      logged: [{ group: expired }],
      wrongAccounts: 0,
    }
    return JSON.stringify(found) === JSON.stringify(expected)
      ? []
      : [`long work: ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`]
  }

  /** How far both have come. */
  async #places() {
    const [row] = await database().execute<Record<'version' | 'firstSeq', number>>(sql`
      select (select version::int from conversations where id = ${this.left.id}) as version,
        (select first_seq::int from conversations where id = ${this.old.id}) as "firstSeq"`)
    if (!row) throw new Error('The conversations are gone.')
    return { version: row.version, firstSeq: row.firstSeq }
  }

  async #counts() {
    const [row] = await database().execute<Record<string, unknown>>(sql`
      select
        (select count(distinct version)::int from messages join message_changes using (conversation_id, seq)
          where conversation_id = ${this.left.id} and sender_id = ${this.leaver.id} and body = '' and deleted_at is not null
        ) as erased,
        (select count(*)::int from messages left join message_changes using (conversation_id, seq)
          where conversation_id = ${this.left.id} and sender_id <> ${this.leaver.id} and body <> '' and version is null
        ) as kept,
        (select count(*)::int from messages where conversation_id = ${this.old.id}) as expired,
        (select json_agg(details) from audit_log where action = 'messages-expired') as logged,
        (select count(*)::int from users where id = ${this.leaver.id} and (removed_at is null or username <> 'deleted')
        ) as "wrongAccounts"`)
    return row
  }
}

async function openGroup(...people: Participant[]): Promise<Target> {
  const ids = sql.param(people.map(({ id }) => id))
  const [made] = await database().execute<Target>(sql`
    with made as (insert into conversations (kind, name) values ('group', 'old') returning id),
    members as (
      insert into memberships (conversation_id, user_id, role, active_at, newest_seq)
      select made.id, person, 'owner', now(), 0 from made, unnest(${ids}::uuid[]) as person)
    select id from made`)
  if (!made) throw new Error('The group was not created.')
  return made
}

async function until(isIt: () => boolean | Promise<boolean>, withinMs: number) {
  for (const end = Date.now() + withinMs; !(await isIt()); await sleep(pollMs))
    if (Date.now() > end) throw new Error(`Not within ${withinMs / 1000} s: ${isIt}`)
}
