import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { changePassword } from '@/lib/accounts'
import { enterRoom, leaveRoom } from '@/lib/attendance'
import { blockPerson, unblockPerson } from '@/lib/blocking'
import type { Refusal } from '@/lib/errors'
import { removeFromGroup, setRole } from '@/lib/group-members'
import { createGroup, renameGroup } from '@/lib/groups'
import type { LimitName } from '@/lib/limits'
import { makeResetLink, resetPassword } from '@/lib/password-reset'
import { setReaction } from '@/lib/reactions'
import { closeReport, deleteReported, reportMessage } from '@/lib/reports'
import { setSiteRole } from '@/lib/roles'
import { closeRoom, putOut } from '@/lib/room-moderation'
import { joinRoom } from '@/lib/rooms'
import { liftSuspension, suspendPerson } from '@/lib/suspensions'
import { cookieOf } from '@/testing/cookies'
import { type RequestOptions, request } from '@/testing/http'
import { countAllowed, exhaust, fullAt, repeat } from '@/testing/limits'
import {
  account,
  friends,
  groupOf,
  password,
  people,
  person,
  say,
  type TestPerson,
  unique,
} from '@/testing/people'
import { assertLimited, limitedSites, newAddress, withStatus } from './limited-sites'

const { from, logIn } = limitedSites(2)

describe('normal use meets no limit', () => {
  test('5 registrations and 8 logins from one address', async () => {
    const address = newAddress()
    const names = Array.from({ length: 5 }, () => `new-${unique()}`)
    const created = await Promise.all(
      names.map((username) => from(address, '/api/register', { body: { username, password } })),
    )
    assert.equal(withStatus(created, 200).length, 5)
    const ada = await account()
    assert.equal(withStatus(await repeat(8, (turn) => logIn(ada, address, { turn })), 200).length, 8)
  })

  test('20 searches, 8 invitations and 40 sends by one person', async () => {
    const [{ ada, id }, address] = [await friends(), newAddress()]
    const { token } = ada
    const all = async (count: number, status: number, path: string, body?: () => unknown) => {
      const responses = await repeat(count, (turn) => from(address, path, { token, body: body?.() }, turn))
      assert.equal(withStatus(responses, status).length, count, path)
    }
    const others = await Promise.all(Array.from({ length: 8 }, () => person('bob')))
    await all(20, 200, '/api/users?q=ada')
    await all(8, 201, '/api/invitations', () => ({ username: others.pop()?.username, leave: true }))
    await all(40, 201, `/api/conversations/${id}/messages`, () => ({ body: 'hi' }))
  })
})

describe('every limit is met, counted over two instances', () => {
  type Sender = { token: string; id: string; room: string }
  type Options = RequestOptions & { path: string }
  const hi = { body: 'hi' }
  /** How many requests are allowed at once, and the request. */
  const cases: [name: string, atMost: number, options: (by: Sender) => Options][] = [
    ['registering', 20, () => ({ path: '/api/register', body: { username: takenName, password } })],
    ['becoming a guest by the API', 40, () => ({ path: '/api/session', body: {} })],
    ['requesting a taken username', 40, () => ({ path: '/api/session', body: { username: takenName } })],
    [
      'logging in with unknown usernames',
      30,
      () => ({ path: '/api/login', body: { username: `no-${unique()}`, password } }),
    ],
    ['searching', 60, ({ token }) => ({ path: '/api/users?q=a', token })],
    [
      'inviting',
      20,
      ({ token }) => ({ path: '/api/invitations', token, body: { username: takenName, leave: true } }),
    ],
    ['sending', 60, ({ token, id }) => ({ path: `/api/conversations/${id}/messages`, token, body: hi })],
    ['sending into a room', 60, ({ token, room }) => ({ path: `/api/room/${room}`, token, body: hi })],
    ['making links', 20, () => ({ path: '/api/links', token: operator.token, body: {} })],
    [
      'making groups',
      10,
      ({ token }) => ({ path: '/api/groups', token, body: { title: 'x', usernames: [takenName] } }),
    ],
    ['creating rooms', 10, ({ token }) => ({ path: `/api/room/new-${unique()}`, token, body: hi })],
  ]
  let takenName = ''
  let operator: TestPerson
  before(async () => {
    operator = await person('oda', { siteRole: 'operator' })
    takenName = (await person('taken')).username
  })

  for (const [name, atMost, options] of cases)
    test(name, async () => {
      const [{ ada, id }, address] = [await friends(), newAddress()]
      const room = await joinRoom(ada, { name: `room-${unique()}` })
      const began = Date.now()
      const responses = await repeat(atMost + 40, (turn) => {
        const { path, ...rest } = options({ token: ada.token, id, room: room.name })
        return from(address, path, rest, turn)
      })
      const passed = responses.length - withStatus(responses, 429).length
      // Meanwhile the allowance refills, by at most two a second.
      const most = atMost + 2 * Math.ceil((Date.now() - began) / 1000)
      assert.ok(passed >= atMost - 1 && passed <= most, `${passed} of at most ${most} passed`)
      assertLimited(withStatus(responses, 429)[0])
      assert.equal(responses.filter(({ status }) => status >= 500).length, 0)
    })

  /** Requests of a person who has used up that allowance. */
  const exhausted: [name: LimitName, path: string, body?: object][] = [
    ['me', '/api/me'],
    ['export', '/api/export'],
    ['authorize', '/api/realtime/auth', { socket_id: '1.2' }],
    ['markRead', '/api/conversations/:id/read', { seq: 1 }],
    ['joinRoom', '/api/room/:room', { body: 'hi' }],
  ]
  for (const [name, path, body] of exhausted)
    test(`${name}: ${path}`, async () => {
      const [{ ada, id }, bob] = await Promise.all([friends(), person('bob')])
      const { name: room } = await joinRoom(bob, { name: `room-${unique()}` })
      const by = { ...ada, address: newAddress() }
      await exhaust(name, by)
      const filled = path.replace(':id', id).replace(':room', room)
      assertLimited(await from(by.address, filled, { token: ada.token, body }))
      const other = await from(by.address, filled, { token: bob.token, body })
      assert.notEqual(other.status, 429, 'another person at the same address')
    })

  test('overviews and receipts of open pages', async () => {
    const ada = await person()
    const by = { ...ada, address: newAddress() }
    const headers = { cookie: await cookieOf(ada), 'parley-user': ada.id }
    const body = { receipts: [{ conversationId: ada.id }] }
    await Promise.all((['me', 'markRead'] as const).map((name) => exhaust(name, by)))
    assertLimited(await from(by.address, '/overview', { headers }))
    assertLimited(await from(by.address, '/receipts', { headers, body }))
  })

  test('reacting', async () => {
    const { ada, id } = await friends()
    await exhaust('react', ada)
    for (const added of [true, false])
      await assert.rejects(setReaction(ada, id, 1, '👍', added), (error: Refusal) => error.status === 429)
  })

  test('a group counts as one invitation, however many people it names', async () => {
    const [ada, bob, cyd] = await people('ada', 'bob', 'cyd')
    await createGroup(ada, { title: 'Picnic', usernames: [bob.username, cyd.username] })
    const full = await fullAt('invite', ada)
    assert.ok(full && full.getTime() - Date.now() < 5500)
  })

  test('renaming a group, removing people and changing roles', async () => {
    const { id, owner, members } = await groupOf('ada', 'bob')
    const bob = String(members[0]?.id)
    await exhaust('send', owner)
    for (const act of [
      () => renameGroup(owner, id, { title: 'Tea' }),
      () => removeFromGroup(owner, id, bob),
      () => setRole(owner, id, bob, { role: 'owner' }),
    ])
      await assert.rejects(act, (error: Refusal) => error.status === 429)
    await removeFromGroup(owner, id, 'me')
  })

  test('blocking and unblocking', async () => {
    const [ada, bob] = await Promise.all([person(), person('bob')])
    await exhaust('block', ada)
    for (const act of [blockPerson, unblockPerson])
      await assert.rejects(act(ada, bob.id), (error: Refusal) => error.status === 429)
  })

  test('changing the role of a person', async () => {
    const [ada, bob] = await Promise.all([person('ada', { siteRole: 'operator' }), person('bob')])
    await exhaust('operate', ada)
    await assert.rejects(
      setSiteRole(ada, bob.id, { role: 'moderator' }),
      (error: Refusal) => error.status === 429,
    )
  })

  test('reporting', async () => {
    const [{ ada, bob, id }] = await Promise.all([friends(), person('mod', { siteRole: 'moderator' })])
    const { seq } = await say(bob, id)
    await exhaust('report', ada)
    await assert.rejects(
      reportMessage(ada, id, seq, { reason: 'spam' }),
      (error: Refusal) => error.status === 429,
    )
  })

  test('what moderators do to people, rooms and reports', async () => {
    const [{ ada, bob, id }, mod] = await Promise.all([friends(), person('mod', { siteRole: 'moderator' })])
    const room = await joinRoom(ada, { name: `room-${unique()}` })
    const { seq } = await say(bob, id)
    const { report } = await reportMessage(ada, id, seq, { reason: 'spam' })
    await exhaust('moderate', mod)
    for (const act of [
      () => suspendPerson(mod, ada.id, { reason: 'x' }),
      () => liftSuspension(mod, ada.id),
      () => closeRoom(mod, room.id, true),
      () => putOut(mod, room.id, ada.id, { minutes: 1 }),
      () => closeReport(mod, report.id),
      () => deleteReported(mod, report.id),
    ])
      await assert.rejects(act, (error: Refusal) => error.status === 429)
  })

  test('setting a first password, before it is hashed', async () => {
    const gus = await person('gus', { isGuest: true })
    await exhaust('firstPassword', gus)
    const began = process.cpuUsage()
    await assert.rejects(
      changePassword(gus, { newPassword: password }),
      (error: Refusal) => error.status === 429,
    )
    const { user } = process.cpuUsage(began)
    assert.ok(user < 150_000, `${user} µs of processor time; a hash takes 300,000`)
  })

  test('resetting a password, before it is hashed', async () => {
    const ada = await account()
    const token = await makeResetLink(null, ada.id)
    await exhaust('firstPassword', ada)
    const began = process.cpuUsage()
    await assert.rejects(
      resetPassword(token, { newPassword: password }, { userAgent: null, address: ada.address }),
      (error: Refusal) => error.status === 429,
    )
    assert.ok(process.cpuUsage(began).user < 150_000, 'a hash takes 300,000 µs')
  })

  test('an address has ten times the allowance of a person', async () => {
    for (const [name, atLeast] of [
      ['search', 600],
      ['invite', 200],
      ['send', 600],
    ] as const) {
      const address = newAddress()
      const passed = await countAllowed(name, atLeast + 100, { address })
      assert.ok(passed >= atLeast && passed < atLeast + 100, `${passed} ${name}`)
    }
  })

  test('all addresses of an IPv6 /64 network count as one', async () => {
    await exhaust('guest', { address: '2001:db8:0:1::1' })
    assertLimited(await from('2001:db8:0:1:ffff::2', '/api/session', { body: {} }))
    assert.equal((await from('2001:db8:0:2::1', '/api/session', { body: {} })).status, 200)
  })
})

describe('only requests that change something count', () => {
  test('a member of a room spends no joins on sending, opening its page or joining again', async () => {
    const ada = await person()
    const { name, id } = await joinRoom(ada, { name: `room-${unique()}` })
    const joined = await fullAt('joinRoom', ada)
    assert.ok(joined)
    await enterRoom(ada, id)
    await joinRoom(ada, { name })
    const sent = await from(newAddress(), `/api/room/${name}`, { token: ada.token, body: { body: 'hi' } })
    assert.equal(sent.status, 201)
    const page = await from(newAddress(), `/room/${name}`, { headers: { cookie: await cookieOf(ada) } })
    assert.equal(page.status, 200)
    assert.deepEqual(await fullAt('joinRoom', ada), joined)
    await leaveRoom(ada, id)
    await enterRoom(ada, id)
    assert.notDeepEqual(await fullAt('joinRoom', ada), joined)
  })

  test('a member of a room without joins left can still send and leave', async () => {
    const ada = await person()
    const { name } = await joinRoom(ada, { name: `room-${unique()}` })
    await exhaust('joinRoom', ada)
    const sent = await from(newAddress(), `/api/room/${name}`, { token: ada.token, body: { body: 'hi' } })
    assert.equal(sent.status, 201)
    assert.equal(
      (await from(newAddress(), `/api/room/${name}`, { token: ada.token, method: 'DELETE' })).status,
      204,
    )
  })
})

test('a request succeeds after the time that `Retry-After` gives', async () => {
  const ada = await person()
  await exhaust('search', { id: ada.id, address: null })
  const refused = await from(newAddress(), '/api/users', { token: ada.token })
  assertLimited(refused)
  await sleep(1000 * Number(refused.headers.get('retry-after')))
  assert.equal((await from(newAddress(), '/api/users', { token: ada.token })).status, 200)
})

test('a person who floods uses up nothing of other people at the address', async () => {
  const [{ ada, bob, id }, address] = [await friends(), newAddress()]
  const send = ({ token }: TestPerson, turn = 0) =>
    from(address, `/api/conversations/${id}/messages`, { token, body: { body: 'hi' } }, turn)
  const flood = await repeat(200, (turn) => send(ada, turn))
  assert.ok(withStatus(flood, 429).length > 100)
  assert.equal((await send(bob)).status, 201)
  const left = await countAllowed('send', 500, { address })
  assert.equal(left, 500)
})

test('PARLEY_LIMITS=off lifts the limits', async () => {
  const { token } = await person()
  const responses = await repeat(100, () => request('/api/users', { token }))
  assert.equal(withStatus(responses, 200).length, 100)
})
