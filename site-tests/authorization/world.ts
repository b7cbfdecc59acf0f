import { randomUUID } from 'node:crypto'
import { sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { siteSettings } from '@/db/schema'
import { keepDraft } from '@/lib/drafts'
import { makeLink } from '@/lib/links'
import { endLoginSession } from '@/lib/login-sessions'
import { makeOneTimeLink } from '@/lib/one-time-links'
import { joinRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'
import {
  conversationOf,
  makeGroup,
  makePeople,
  people,
  person,
  say,
  type TestPerson,
  unique,
  withSession,
} from '@/testing/people'

/** Every kind of client, by its relation to a conversation and a room, or its role on the site. */
export const actors = [
  'signedOut',
  'stranger',
  'former',
  'revoked',
  'guest',
  'member',
  'moderator',
  'operator',
] as const
export type Actor = (typeof actors)[number]
/** The credentials of a request; a signed-out client has none. */
export type Credentials = { token?: string; cookie?: string; self: TestPerson }

/**
 * A member and a friend with a direct conversation and a room, and other people outside both. The `revoked` actor is
 * the friend with a login session that has ended.
 */
export class World {
  readonly secret = `secret-${unique()}`
  readonly roomName = `room-${unique()}`
  roomId = ''
  /** A group that the member owns and the friend is in. */
  groupId = ''
  /** An invitation of the inviter to another group. */
  groupInvitationId = ''
  invitationId = ''
  /** A login session of the member, which others try to end. */
  sessionId = ''
  /** A link into a conversation with the operator, who made it. */
  link = { id: '', token: '' }
  /** A draft of the member, which others try to discard. */
  draftId = ''
  /** The key of a link to set the site up. */
  setupKey = ''
  /** A person whom others try to delete. */
  victim = ''
  /** The friend's report of the member's first message in their conversation. */
  readonly reportId = randomUUID()
  readonly #direct = {} as Record<Actor, string>
  readonly #sessions = new Map<Actor, Credentials>()

  private constructor(
    readonly member: TestPerson,
    readonly friend: TestPerson,
    /** Invites the member. */
    readonly inviter: TestPerson,
    /** Blocked by the member, and suspended. */
    readonly blocked: TestPerson,
    readonly stranger: TestPerson,
    readonly former: TestPerson,
    readonly guest: TestPerson,
    readonly moderator: TestPerson,
    readonly operator: TestPerson,
  ) {}

  static async create() {
    const names = ['member', 'friend', 'inviter', 'blocked', 'stranger', 'former'] as const
    const [member, friend, inviter, blocked, stranger, former] = await people(...names)
    const guest = await person('guest', { isGuest: true })
    const moderator = await person('moderator', { siteRole: 'moderator' })
    const operator = await person('operator', { siteRole: 'operator' })
    const world = new World(member, friend, inviter, blocked, stranger, former, guest, moderator, operator)
    await world.#fill()
    await world.reset()
    return world
  }

  /** The direct conversation that the actor tries: the friend's, or the one the former member was in. */
  direct = (actor: Actor) => this.#direct[actor]

  async #fill() {
    const { member, friend, former } = this
    const friends = await conversationOf(member, friend)
    const formers = await conversationOf(member, former)
    for (const actor of actors) this.#direct[actor] = actor === 'former' ? formers : friends
    this.groupId = await makeGroup(member, friend)
    await say(member, this.groupId, this.secret)
    this.link = await makeLink(this.operator, { uses: 100, into: 'me' })
    const { id } = await joinRoom(member, { name: this.roomName })
    this.roomId = id
    await joinRoom(former, { name: this.roomName })
    for (const conversation of [friends, formers, id]) await say(member, conversation, this.secret)
    await say(friend, friends, this.secret)
    await database().execute(
      sql`delete from memberships where conversation_id = ${formers} and user_id = ${former.id}`,
    )
  }

  /** Restores the state before any attempt. */
  async reset() {
    const { member, friend, inviter, blocked, guest, moderator, operator, roomId, groupId } = this
    const both = [member.id, inviter.id].sort()
    const outside = sql.param([this.stranger, this.former, guest, moderator, operator].map(({ id }) => id))
    const db = database()
    await Promise.all([
      db.execute(sql`delete from invitations where ${this.#isOneOfUs(sql`inviter_id`)}`),
      db.execute(sql`delete from blocks where ${this.#isOneOfUs(sql`blocker_id`)}`),
      db.execute(
        sql`delete from memberships where conversation_id = ${roomId} and user_id = any(${outside}::uuid[])`,
      ),
      db.execute(
        sql`insert into memberships (conversation_id, user_id, present_until)
          select ${roomId}, id, now() + interval '1 hour' from users where id in (${member.id}, ${friend.id})
          on conflict (conversation_id, user_id) do update set present_until = excluded.present_until, last_read_seq = 0`,
      ),
      db.execute(sql`update memberships set last_read_seq = 0, last_delivered_seq = 0
        where conversation_id = ${this.direct('member')} and user_id = ${member.id}`),
      db.execute(sql`update messages set body = ${this.secret} where ${this.#isInTheirs} and seq <= 2`),
      db.execute(sql`delete from room_bans where ${this.#isInTheirs}`),
      db.execute(sql`delete from reports where ${this.#isOneOfUs(sql`reporter_id`)}`),
      db.execute(sql`update conversations set closed_at = null where id = ${roomId}`),
      db.execute(sql`delete from reactions where ${this.#isInTheirs}`),
      db.execute(sql`delete from message_changes where ${this.#isInTheirs}`),
      db.execute(sql`delete from message_versions where ${this.#isInTheirs}`),
      db.execute(sql`delete from conversations where direct_key = ${both.join(':')}`),
      db.execute(sql`delete from conversations where direct_key like ${`%${operator.id}%`}`),
      db.execute(sql`update links set used = 0, ended_at = null where id = ${this.link.id}`),
      db.execute(sql`
        insert into conversations (id, kind, name) values (${groupId}, 'group', 'Picnic')
        on conflict (id) do update set name = excluded.name`),
      db.execute(sql`update users set first_name = null, reset_link_made_at = now(),
        password_hash = case when id = ${guest.id} then null else password_hash end,
        suspended_until = case when id = ${blocked.id} then now() + interval '1 day' end,
        role = case id when ${moderator.id} then 'moderator' when ${operator.id} then 'operator' else 'person' end
        where ${this.#isOneOfUs(sql`id`)}`),
      withSession(member).then(({ loginSessionId }) => {
        this.sessionId = loginSessionId
      }),
      keepDraft(member.id, { conversationId: this.direct('member'), body: this.secret }).then((id = '') => {
        this.draftId = id
      }),
    ])
    const [invitation] = await db.execute<{ id: string }>(sql`
      with blocking as (insert into blocks (blocker_id, blocked_id) values (${member.id}, ${blocked.id}))
      insert into invitations (inviter_id, invitee_id) values (${inviter.id}, ${member.id}) returning id`)
    this.invitationId = invitation?.id ?? ''
    await db.execute(sql`
      insert into memberships (conversation_id, user_id, role, active_at, newest_seq)
      values (${groupId}, ${member.id}, 'owner', now(), 0), (${groupId}, ${friend.id}, 'member', now(), 0)
      on conflict (conversation_id, user_id) do update set role = excluded.role, last_read_seq = 0`)
    await db.execute(sql`
      insert into reports (id, reporter_id, reported_id, conversation_id, seq, reason, copy)
      values (${this.reportId}, ${friend.id}, ${member.id}, ${this.direct('member')}, 1, 'spam', ${this.#copy}::jsonb)`)
    const [toGroup] = await db.execute<{ id: string }>(sql`
      insert into invitations (inviter_id, invitee_id, conversation_id)
      values (${inviter.id}, ${member.id}, ${await this.#otherGroup()}) returning id`)
    this.groupInvitationId = toGroup?.id ?? ''
    await db.update(siteSettings).set({ keepRooms: null })
    this.setupKey = await makeOneTimeLink(db, 'setup', { hours: 1 })
    const [victim] = await makePeople(1)
    this.victim = victim?.id ?? ''
  }

  get #copy() {
    const { id, username, name } = this.member
    const at = new Date().toISOString()
    return JSON.stringify([{ seq: 1, sender: { id, username, name }, body: this.secret, createdAt: at }])
  }

  /** A group of the inviter alone. */
  async #otherGroup() {
    return makeGroup(this.inviter)
  }

  /** The actor's credentials, the same at each call. */
  async sharedSession(actor: Actor) {
    const credentials = this.#sessions.get(actor) ?? (await this.newSession(actor))
    this.#sessions.set(actor, credentials)
    return credentials
  }

  /** Credentials of a new login session, for an attempt that may end it. */
  async newSession(actor: Actor): Promise<Credentials> {
    if (actor === 'signedOut') return { self: this.friend }
    const self = await withSession(actor === 'revoked' ? this.friend : this[actor])
    if (actor === 'revoked') await endLoginSession(self, self.loginSessionId)
    return { token: self.token, cookie: await cookieOf(self), self }
  }

  /** Everything that these people could change, without times that reading updates. */
  async state() {
    const [row] = await database().execute<{ state: unknown }>(sql`select jsonb_build_object(
      'users', (select jsonb_agg((id, username, first_name, password_hash, role, reset_link_made_at, suspended_until) order by id)
        from users
        where ${this.#isOneOfUs(sql`id`)}),
      'sessions', (select jsonb_agg(id order by id) from login_sessions where ${this.#isOneOfUs(sql`user_id`)}),
      'links', (select jsonb_agg((id, used, ended_at) order by id) from links
        where ${this.#isOneOfUs(sql`maker_id`)}),
      'groups', (select jsonb_agg((id, name)) from conversations where id = ${this.groupId}),
      'room', (select closed_at from conversations where id = ${this.roomId}),
      'bans', (select jsonb_agg((conversation_id, user_id) order by conversation_id, user_id)
        from room_bans where ${this.#isInTheirs}),
      'reports', (select jsonb_agg((id, closed_at) order by id) from reports where ${this.#isOneOfUs(sql`reporter_id`)}),
      'memberships', (select jsonb_agg((conversation_id, user_id, role, last_read_seq) order by conversation_id, user_id)
        from memberships where ${this.#isInTheirs}),
      'invitations', (select jsonb_agg((id, status) order by id) from invitations
        where ${this.#isOneOfUs(sql`inviter_id`)} or ${this.#isOneOfUs(sql`invitee_id`)}),
      'blocks', (select jsonb_agg((blocker_id, blocked_id) order by blocker_id, blocked_id) from blocks
        where ${this.#isOneOfUs(sql`blocker_id`)}),
      'drafts', (select jsonb_agg(id order by id) from drafts where ${this.#isOneOfUs(sql`user_id`)}),
      'reactions', (select jsonb_agg((conversation_id, seq, emoji, user_id) order by conversation_id, seq, emoji, user_id)
        from reactions where ${this.#isInTheirs}),
      'actions', (select count(*) from audit_log where ${this.#isOneOfUs(sql`actor_id`)}),
      'victim', (select removed_at from users where id = ${this.victim}),
      'messages', (select jsonb_agg((conversation_id, seq, body) order by conversation_id, seq) from messages
        where ${this.#isInTheirs})
    ) as state`)
    return row?.state
  }

  get #isInTheirs() {
    return sql`conversation_id in (${this.direct('member')}, ${this.direct('former')}, ${this.roomId}, ${this.groupId})`
  }

  #isOneOfUs(column: ReturnType<typeof sql>) {
    const { member, friend, inviter, blocked, stranger, former, guest, moderator, operator } = this
    const us = [member, friend, inviter, blocked, stranger, former, guest, moderator, operator]
    const ids = us.map(({ id }) => id)
    return sql`${column} = any(${sql.param(ids)}::uuid[])`
  }
}
