import assert from 'node:assert/strict'
import { afterEach, before, test } from 'node:test'
import { and, eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { auditLog, conversations, links, memberships, siteSettings, users } from '@/db/schema'
import { switchToOwnDatabase } from '@/testing/databases'
import {
  conversationOf,
  groupOf,
  makeGroup,
  makePeople,
  password,
  people,
  person,
  type TestPerson,
  testOrigin,
  unique,
} from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { registerInto, setFirstPassword } from './accounts'
import { blockPerson } from './blocking'
import { findConversation } from './conversations'
import { removeFromGroup, setRole } from './group-members'
import { inviteToGroup } from './groups'
import { listMessages } from './history'
import { answerInvitation, invite, listInvitations } from './invitations'
import { joinByLink } from './joining'
import { endLink, findLink, forgetLinks, listLinks, makeLink } from './links'
import { isMember } from './memberships'
import type { SiteSettings } from './site-settings'

before(switchToOwnDatabase)
afterEach(() => change({ registration: 'open', linkMakers: 'operators' }))

const change = (settings: Partial<SiteSettings>) => database().update(siteSettings).set(settings)
const operator = () => person('oda', { siteRole: 'operator' })
const register = (link: string, username = `new-${unique()}`) =>
  registerInto({ username, password, link }, testOrigin)

/** How many of its uses a link has lost. */
async function usedOf(id: string) {
  const [row] = await database().select({ used: links.used }).from(links).where(eq(links.id, id))
  return row?.used
}

async function groupLink(uses = 10) {
  const owner = await operator()
  const groupId = await makeGroup(owner)
  return { owner, groupId, ...(await makeLink(owner, { uses, into: groupId })) }
}

test('a link leads new accounts in, also where registration needs one, until its uses are over', async () => {
  await change({ registration: 'link' })
  const { id, token } = await makeLink(await operator(), { uses: 2 })
  const { user } = await register(token)
  await register(`https://chat.example/join/${token}`)
  assert.equal(await usedOf(id), 2)
  const username = `new-${unique()}`
  await assert.rejects(register(token, username), refusedWith(403))
  assert.equal(await database().$count(users, eq(users.username, username)), 0)
  assert.equal(await database().$count(users, eq(users.id, user.id)), 1)
})

test('where registration is closed, a link makes no account, but leads an existing one in', async () => {
  await change({ registration: 'closed' })
  const [{ id, token, groupId }, ada] = [await groupLink(), await person()]
  await assert.rejects(register(token), refusedWith(403))
  const gus = await person('gus', { isGuest: true })
  await assert.rejects(setFirstPassword(gus, { newPassword: password, link: token }), refusedWith(403))
  assert.equal(await usedOf(id), 0)
  assert.equal(await joinByLink(ada, token), groupId)
  assert.equal(await usedOf(id), 1)
})

test('50 people who join at the same moment by a link of 10 uses are exactly 10', async () => {
  const { id, token, groupId } = await groupLink()
  const all = await people(...Array.from({ length: 50 }, () => 'ada'))
  const joins = await Promise.allSettled(all.map((one) => joinByLink(one, token)))
  assert.equal(joins.filter(({ status }) => status === 'fulfilled').length, 10)
  for (const one of joins) if (one.status === 'rejected') assert.ok(refusedWith(403)(one.reason), one.reason)
  assert.equal(await database().$count(memberships, eq(memberships.conversationId, groupId)), 11)
  assert.equal(await usedOf(id), 10)
})

test('6 people who register at the same moment by a link of 2 uses are exactly 2', async () => {
  await change({ registration: 'link' })
  const { id, token } = await makeLink(await operator(), { uses: 2 })
  const all = await Promise.allSettled(Array.from({ length: 6 }, () => register(token)))
  assert.equal(all.filter(({ status }) => status === 'fulfilled').length, 2)
  for (const one of all) if (one.status === 'rejected') assert.ok(refusedWith(403)(one.reason), one.reason)
  assert.equal(await usedOf(id), 2)
})

test('a person who joins twice at the same moment, or is in already, uses one up', async () => {
  const [{ id, token, groupId }, ada] = [await groupLink(), await person()]
  assert.deepEqual(
    await Promise.all(Array.from({ length: 5 }, () => joinByLink(ada, token))),
    Array(5).fill(groupId),
  )
  assert.equal(await usedOf(id), 1)
  const { messages } = await listMessages(ada, groupId)
  assert.deepEqual(
    messages.map(({ kind, body }) => [kind, body]),
    [['notice', `${ada.username} joined`]],
  )
})

test('a link into a conversation with its maker opens it once', async () => {
  const [oda, ada] = [await operator(), await person()]
  const { id, token } = await makeLink(oda, { into: 'me' })
  const ids = await Promise.all(Array.from({ length: 4 }, () => joinByLink(ada, token)))
  assert.equal(new Set(ids).size, 1)
  assert.ok((await isMember(ada.id, String(ids[0]))) && (await isMember(oda.id, String(ids[0]))))
  assert.equal(await usedOf(id), 1)
  const { user, conversationId } = await register(token)
  const conversation = await findConversation(oda, String(conversationId))
  assert.deepEqual(
    conversation?.people.map(({ id }) => id).sort(),
    [oda.id, user.id].sort(),
    'for a new account too',
  )
  assert.equal(await joinByLink(oda, token), undefined, 'the maker')
  const bob = await person('bob')
  const before = await conversationOf(oda, bob)
  assert.equal(await joinByLink(bob, token), before)
  assert.equal(await usedOf(id), 2)
})

test('pending invitations to the same place are accepted', async () => {
  const [{ token, groupId, owner }, ada] = [await groupLink(), await person()]
  await invite(ada, { username: owner.username, leave: true })
  const { id } = await inviteToGroup(owner, groupId, { username: ada.username })
  await joinByLink(ada, token)
  await joinByLink(ada, (await makeLink(owner, { into: 'me' })).token)
  assert.deepEqual(await listInvitations(ada), { received: [], sent: [] })
  await assert.rejects(answerInvitation(ada, id, { answer: 'accept' }), refusedWith(409))
})

test('a block between the two refuses a link into a conversation, and uses nothing up', async () => {
  const [oda, ada, bob] = [await operator(), await person(), await person('bob')]
  const { id, token } = await makeLink(oda, { into: 'me' })
  await blockPerson(oda, ada.id)
  await blockPerson(bob, oda.id)
  for (const one of [ada, bob]) await assert.rejects(joinByLink(one, token), refusedWith(403))
  assert.equal(await usedOf(id), 0)
})

test('a full group refuses, creates no account and uses nothing up', async () => {
  const owner = await operator()
  const groupId = await makeGroup(owner, ...(await makePeople(249)))
  const { id, token } = await makeLink(owner, { into: groupId })
  await assert.rejects(joinByLink(await person(), token), refusedWith(409))
  const username = `new-${unique()}`
  await assert.rejects(register(token, username), refusedWith(409))
  assert.equal(await database().$count(users, eq(users.username, username)), 0)
  assert.equal(await usedOf(id), 0)
})

test('a guest cannot join, but becomes an account by a link and enters where it leads', async () => {
  await change({ registration: 'link' })
  const [{ id, token, groupId }, gus] = [await groupLink(), await person('gus', { isGuest: true })]
  await assert.rejects(joinByLink(gus, token), refusedWith(403))
  const both = await Promise.allSettled(
    [1, 2].map(() => setFirstPassword(gus, { newPassword: password, link: token })),
  )
  assert.equal(both.filter(({ status }) => status === 'fulfilled').length, 1)
  assert.ok(await isMember(gus.id, groupId))
  assert.equal(await usedOf(id), 1)
})

test('a link is over once it expires, is ended, or its maker or group no longer allows it', async () => {
  type Made = Awaited<ReturnType<typeof groupLink>>
  const ends: Record<string, (made: Made) => unknown> = {
    expired: ({ id }) => database().update(links).set({ expiresAt: sql`now()` }).where(eq(links.id, id)),
    ended: ({ owner, id }) => endLink(owner, id),
    suspended: ({ owner }) => setUser(owner, { suspendedUntil: sql`now() + interval '1 day'` }),
    deleted: ({ owner }) => setUser(owner, { removedAt: sql`now()` }),
    'no operator': ({ owner }) => setUser(owner, { role: 'person' }),
    'not in the group': ({ owner, groupId }) => removeFromGroup(owner, groupId, 'me'),
    'no owner': async ({ owner, groupId }) => {
      const other = await person()
      await joinByLink(other, (await makeLink(owner, { into: groupId })).token)
      await setRole(owner, groupId, other.id, { role: 'owner' })
      await setRole(owner, groupId, 'me', { role: 'member' })
    },
    'no group': ({ groupId }) => database().delete(conversations).where(eq(conversations.id, groupId)),
  }
  for (const [name, end] of Object.entries(ends)) {
    const made = await groupLink()
    assert.ok(await findLink(made.token), name)
    await end(made)
    assert.equal(await findLink(made.token), undefined, name)
    await assert.rejects(joinByLink(await person(), made.token), refusedWith(403), name)
    await assert.rejects(register(made.token), refusedWith(403), name)
    // A link into a group that is gone is gone too.
    assert.ok(!(await usedOf(made.id)), name)
  }
})

const setUser = ({ id }: TestPerson, to: Parameters<ReturnType<typeof updateUsers>['set']>[0]) =>
  updateUsers().set(to).where(eq(users.id, id))
const updateUsers = () => database().update(users)

test('a link is found only by its whole token, which the database does not hold', async () => {
  const { id, token } = await makeLink(await operator(), {})
  const last = token.endsWith('A') ? 'E' : 'A'
  for (const wrong of ['', 'x', token.slice(0, 10), token.slice(0, -1) + last, `${token}\n`, `${token}A`])
    assert.equal(await findLink(wrong), undefined)
  const [row] = await database().select().from(links).where(eq(links.id, id))
  assert.ok(!JSON.stringify(row).includes(token.slice(12)))
})

test('only operators make links or, if the setting says so, accounts', async () => {
  const [ada, gus] = [await person(), await person('gus', { isGuest: true })]
  for (const one of [ada, gus])
    for (const act of [() => makeLink(one, {}), () => listLinks(one), () => endLink(one, ada.id)])
      await assert.rejects(act, refusedWith(403))
  await change({ linkMakers: 'accounts' })
  const { token } = await makeLink({ ...ada, mayMakeLinks: true }, {})
  assert.ok(await findLink(token))
  await change({ linkMakers: 'operators' })
  assert.equal(await findLink(token), undefined)
})

test('only owners of a group make links into it, and malformed links are refused', async () => {
  const { id, members } = await groupOf('ada', 'bob')
  const maker = (one: TestPerson) => ({ ...one, mayMakeLinks: true })
  await assert.rejects(makeLink(maker(members[0] as TestPerson), { into: id }), refusedWith(403))
  await assert.rejects(makeLink(await operator(), { into: id }), refusedWith(404))
  const faulty = { uses: [0, 101, 1.5, 'x', ''], days: [0, 31, 'x'], into: ['x', 7, 'ME'] }
  for (const [field, values] of Object.entries(faulty))
    for (const value of values)
      await assert.rejects(
        makeLink(await operator(), { [field]: value }),
        refusedWith(422),
        `${field} ${value}`,
      )
})

test('links are listed 50 at a time with their state, to their maker only, and end once', async () => {
  const [oda, other] = [await operator(), await operator()]
  const made: { id: string }[] = []
  for (let index = 0; index < 51; index++) made.unshift(await makeLink(oda, { uses: 3, days: 2 }))
  const first = await listLinks(oda)
  assert.equal(first.links.length, 50)
  const second = await listLinks(oda, { cursor: first.nextCursor })
  assert.equal(second.nextCursor, null)
  assert.deepEqual(
    [...first.links, ...second.links].map(({ id }) => id),
    made.map(({ id }) => id),
  )
  const id = String(made[0]?.id)
  await assert.rejects(endLink(other, id), refusedWith(404))
  await Promise.all([1, 2, 3].map(() => endLink(oda, id)))
  const [{ state, uses, used, into } = {} as never] = (await listLinks(oda)).links
  assert.deepEqual({ state, uses, used, into }, { state: 'ended', uses: 3, used: 0, into: null })
  assert.deepEqual((await listLinks(other)).links, [])
  const entries = await database()
    .select({ action: auditLog.action, details: auditLog.details })
    .from(auditLog)
    .where(and(eq(auditLog.actorId, oda.id), sql`${auditLog.details}->>'link' = ${id}`))
    .orderBy(auditLog.at)
  assert.deepEqual(entries, [
    { action: 'link-made', details: { link: id, uses: 3, days: 2, into: null } },
    { action: 'link-ended', details: { link: id } },
  ])
})

test('links that have been over for a month are forgotten', async () => {
  const oda = await operator()
  const [over, lately] = [await makeLink(oda, {}), await makeLink(oda, {})]
  await database()
    .update(links)
    .set({ expiresAt: sql`now() - interval '31 days'` })
    .where(eq(links.id, over.id))
  await endLink(oda, lately.id)
  await forgetLinks()
  assert.deepEqual(
    (await listLinks(oda)).links.map(({ id }) => id),
    [lately.id],
  )
})
