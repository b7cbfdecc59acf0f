import 'server-only'
import { and, desc, eq, lt, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import { conversations, links, memberships, siteSettings, users } from '@/db/schema'
import { recordAction } from './audit-log'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'
import { check, duration, isId, listCursor } from './fields'
import { lockGroup, requireOwner } from './groups'
import { spend } from './limits'
import { placeOf, startPlace, toMicroseconds } from './list-place'
import { isToken, makeToken, selectorOf } from './tokens'
import { personColumns, toPerson } from './users'
import type { Link } from './views'

const intoFault = 'Choose one of your groups, “me” or nothing.'
const into = z
  .union([z.literal(['', 'me']), z.uuid(intoFault)], intoFault)
  .nullish()
  .transform((value) => value || null)
  .meta({
    description:
      'Where it leads: nothing (only to an account), `me` (a conversation with you), or the id of a group that you own.',
  })
export const linkDraft = z.object({
  uses: duration(100, 'uses').default(10).meta({ description: '1 to 100.' }),
  days: duration(30, 'days').default(7).meta({ description: '1 to 30.' }),
  into,
})

/** @throws {Refusal} 403 */
function requireLinkMaker({ mayMakeLinks }: CurrentUser) {
  if (!mayMakeLinks) throw new Refusal(403, 'You may not make links on this site.')
}

/**
 * Makes a link that brings people in.
 * @returns its id and its token, which is not stored
 * @throws {Refusal} 403 if the person may not make links or doesn't own the group, 404 if they are not in it, 422, 429
 */
export async function makeLink(user: CurrentUser, input: unknown) {
  requireLinkMaker(user)
  const { uses, days, into } = check(linkDraft, input)
  await spend('makeLink', user)
  const { token, stored } = makeToken()
  const withMaker = into === 'me'
  const made = await database().transaction(async (tx) => {
    if (into && !withMaker) requireOwner(await lockGroup(tx, user, into))
    const [row] = await tx
      .insert(links)
      .values({
        ...stored,
        makerId: user.id,
        uses,
        groupId: withMaker ? null : into,
        withMaker,
        expiresAt: sql`now() + make_interval(days => ${days})`,
      })
      .returning({ id: links.id, expiresAt: links.expiresAt })
    if (!row) throw new Error('The link was not stored.')
    if (user.siteRole === 'operator')
      await recordAction(tx, user, 'link-made', { details: { link: row.id, uses, days, into } })
    return row
  })
  return { id: made.id, token, expiresAt: made.expiresAt.toISOString() }
}

/**
 * Whether a link can be used: its maker may still make links and, if it leads into a group, still owns that. A link of a
 * group that is gone is gone with it.
 */
const isUsable = sql<boolean>`(${links.endedAt} is null and ${links.expiresAt} > now() and ${links.used} < ${links.uses}
  and exists (select from ${users} as maker, ${siteSettings} where maker.id = ${links.makerId}
    and maker.removed_at is null and (maker.suspended_until > now()) is not true
    and (maker.role = 'operator' or link_makers = 'accounts' and maker.password_hash is not null))
  and (${links.groupId} is null or exists (select from ${memberships} as owned
    where owned.conversation_id = ${links.groupId} and owned.user_id = ${links.makerId} and owned.role = 'owner')))`

/** A link as the people who open it see it. */
export type OpenedLink = Awaited<ReturnType<typeof findLink>>

/** @returns undefined for a link that is unknown or cannot be used any more */
export async function findLink(token: string, db: Pick<Transaction, 'select'> = database()) {
  const selector = selectorOf(token)
  if (!selector) return undefined
  const [row] = await db
    .select({
      id: links.id,
      tokenHash: links.tokenHash,
      withMaker: links.withMaker,
      maker: personColumns(users),
      group: { id: conversations.id, name: conversations.name },
    })
    .from(links)
    .innerJoin(users, eq(users.id, links.makerId))
    .leftJoin(conversations, eq(conversations.id, links.groupId))
    .where(and(eq(links.selector, selector), isUsable))
  if (!row || !isToken(token, row)) return undefined
  const { tokenHash: _, maker, ...link } = row
  return { ...link, maker: toPerson(maker) }
}

/** Takes one of its uses, exactly also under concurrency. @throws {Refusal} 403 if it has none left or cannot be used */
export async function takeUse(tx: Transaction, id: string) {
  const [taken] = await tx
    .update(links)
    .set({ used: sql`${links.used} + 1` })
    .where(and(eq(links.id, id), isUsable))
    .returning({ id: links.id })
  if (!taken) throw unusableLink()
}

export const unusableLink = () =>
  new Refusal(403, 'This link has expired, was used up or ended, or is not complete. Ask for a new one.')

const state = sql<Link['state']>`case when ${links.endedAt} is not null then 'ended'
  when ${links.used} >= ${links.uses} then 'used up' when ${links.expiresAt} <= now() then 'expired'
  when ${isUsable} then 'open' else 'ended' end`

const place = sql<string>`${toMicroseconds(links.createdAt)} || ':' || ${links.id}`
export const linkPage = z.object({ cursor: listCursor.nullish() })
const pageLength = 50

/**
 * The person's links, the latest first: `nextCursor` leads to the next page.
 * @throws {Refusal} 403 if the person may not make links, 422 for a malformed cursor
 */
export async function listLinks(user: CurrentUser, input: unknown = {}) {
  requireLinkMaker(user)
  const { cursor } = check(linkPage, input)
  const [at, id] = cursor?.split(':') ?? [startPlace.at, startPlace.id]
  const rows = await database()
    .select({
      id: links.id,
      uses: links.uses,
      used: links.used,
      withMaker: links.withMaker,
      groupId: links.groupId,
      title: conversations.name,
      createdAt: links.createdAt,
      expiresAt: links.expiresAt,
      state,
      place,
    })
    .from(links)
    .leftJoin(conversations, eq(conversations.id, links.groupId))
    .where(and(eq(links.makerId, user.id), sql`(${links.createdAt}, ${links.id}) < ${placeOf(at, id)}`))
    .orderBy(desc(links.createdAt), desc(links.id))
    .limit(pageLength + 1)
  const page = rows.slice(0, pageLength)
  return {
    links: page.map(toLink),
    nextCursor: rows.length > pageLength ? (page.at(-1)?.place ?? null) : null,
  }
}

type Row = Omit<Link, 'into' | 'createdAt' | 'expiresAt'> & {
  withMaker: boolean
  groupId: string | null
  createdAt: Date
  expiresAt: Date
}

const toLink = ({ id, uses, used, withMaker, groupId, title, createdAt, expiresAt, state }: Row): Link => ({
  id,
  uses,
  used,
  into: withMaker ? 'me' : groupId,
  title,
  state,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
})

/** @throws {Refusal} 403 if the person may not make links, 404 unless it is theirs */
export async function endLink(user: CurrentUser, id: string) {
  requireLinkMaker(user)
  if (!isId(id)) throw missing('link')
  await database().transaction(async (tx) => {
    const [link] = await tx
      .select({ endedAt: links.endedAt })
      .from(links)
      .where(and(eq(links.id, id), eq(links.makerId, user.id)))
      .for('update')
    if (!link) throw missing('link')
    if (link.endedAt) return
    await tx.update(links).set({ endedAt: sql`now()` }).where(eq(links.id, id))
    if (user.siteRole === 'operator') await recordAction(tx, user, 'link-ended', { details: { link: id } })
  })
}

/** Removes links that have been over for a month. */
export const forgetLinks = () => {
  const then = sql`now() - interval '30 days'`
  return database()
    .delete(links)
    .where(or(lt(links.expiresAt, then), lt(links.endedAt, then)))
}
