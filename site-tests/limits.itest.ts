import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { request as sendRequest } from 'node:http'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { changePassword } from '@/lib/accounts'
import { enterRoom, leaveRoom } from '@/lib/attendance'
import { blockPerson, unblockPerson } from '@/lib/blocking'
import type { Refusal } from '@/lib/errors'
import { type LimitName, spend } from '@/lib/limits'
import { joinRoom } from '@/lib/rooms'
import { memoryOfTree } from '@/scripts/bench/processes'
import type { Parley } from '@/scripts/parley'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { submitForm } from '@/testing/forms'
import { assertProblem, type HttpResponse, type RequestOptions, request } from '@/testing/http'
import { countAllowed, exhaust, fullAt, repeat } from '@/testing/limits'
import { startOtherSite } from '@/testing/other-site'
import {
  account,
  conversationOf,
  friends,
  onlinePerson,
  password,
  people,
  person,
  say,
  type TestPerson,
  unique,
} from '@/testing/people'
import { countStreams, occupyStreams, TestStream } from '@/testing/streams'

// What is called here directly is limited as it is on the sites.
process.env.PARLEY_LIMITS = 'on'

const sites: Parley[] = []

before(async () => {
  // Behind a proxy, by which each test has addresses of its own.
  for (const _ of ['one', 'other'])
    sites.push(await startOtherSite({ PARLEY_LIMITS: 'on', TRUST_PROXY: 'true' }))
})
after(() => Promise.all(sites.map(({ stop }) => stop())))

const newAddress = () => `2001:db8:${randomInt(65536).toString(16)}:${randomInt(65536).toString(16)}::1`
const site = (turn = 0) => sites[turn % 2]?.url

/** Asks from an address: the two sites in turn. */
const from = (address: string, path: string, { headers, ...asked }: RequestOptions = {}, turn = 0) =>
  request(path, { site: site(turn), ...asked, headers: { 'x-forwarded-for': address, ...headers } })

const withStatus = (answers: HttpResponse[], status: number) =>
  answers.filter((answer) => answer.status === status)

function assertLimited(answer: HttpResponse | undefined) {
  assert.ok(answer, 'the limit is met')
  assertProblem(answer, 429)
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/)
  assert.match(answer.body.detail, /^Too many [a-z ]+\. Try again in \d+ (second|seconds|minutes)\.$/)
}

const logIn = ({ username }: { username: string }, address: string, tried = password, turn = 0) =>
  from(address, '/api/login', { body: { username, password: tried } }, turn)

const guess = (whom: { username: string }, address: string, turn = 0) =>
  logIn(whom, address, `wrong ${turn}`, turn)

describe('normal use is free', () => {
  test('5 registrations and 8 logins from one address', async () => {
    const address = newAddress()
    const names = Array.from({ length: 5 }, () => `new-${unique()}`)
    const made = await Promise.all(
      names.map((username) => from(address, '/api/register', { body: { username, password } })),
    )
    assert.equal(withStatus(made, 200).length, 5)
    const ada = await account()
    assert.equal(withStatus(await repeat(8, (turn) => logIn(ada, address, password, turn)), 200).length, 8)
  })

  test('20 searches, 8 invitations and 40 sends by one person', async () => {
    const [{ ada, id }, address] = [await friends(), newAddress()]
    const { token } = ada
    const all = async (count: number, status: number, path: string, body?: () => unknown) => {
      const answers = await repeat(count, (turn) => from(address, path, { token, body: body?.() }, turn))
      assert.equal(withStatus(answers, status).length, count, path)
    }
    const others = await Promise.all(Array.from({ length: 8 }, () => person('bob')))
    await all(20, 200, '/api/users?q=ada')
    await all(8, 201, '/api/invitations', () => ({ username: others.pop()?.username, leave: true }))
    await all(40, 201, `/api/conversations/${id}/messages`, () => ({ body: 'hi' }))
  })

  test('logging in, however repeat, where the password is right', async () => {
    const ada = await account()
    // More than there may be wrong passwords from one address, fewer than there may be logins.
    const address = newAddress()
    assert.equal(withStatus(await repeat(25, (turn) => logIn(ada, address, password, turn)), 200).length, 25)
  })
})

describe('every limit is met, over two instances that share their counts', () => {
  /** At most so many at once; what it is that may be done again and again. */
  const acts: [name: string, atMost: number, act: (one: Acting) => RequestOptions & { path: string }][] = [
    ['registering', 20, () => ({ path: '/api/register', body: { username: takenName, password } })],
    ['a guest by the API', 40, () => ({ path: '/api/session', body: {} })],
    ['asking for a name that is in use', 40, () => ({ path: '/api/session', body: { username: takenName } })],
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
    [
      'sending',
      60,
      ({ token, id }) => ({ path: `/api/conversations/${id}/messages`, token, body: { body: 'hi' } }),
    ],
    [
      'saying in a room',
      60,
      ({ token, room }) => ({ path: `/api/room/${room}`, token, body: { body: 'hi' } }),
    ],
    ['making rooms', 10, ({ token }) => ({ path: `/api/room/new-${unique()}`, token, body: { body: 'hi' } })],
  ]
  type Acting = { token: string; id: string; room: string }
  let takenName = ''
  before(async () => {
    takenName = (await person('taken')).username
  })

  for (const [name, atMost, act] of acts)
    test(name, async () => {
      const [{ ada, id }, address] = [await friends(), newAddress()]
      const room = await joinRoom(ada, { name: `room-${unique()}` })
      const began = Date.now()
      const answers = await repeat(atMost + 40, (turn) => {
        const { path, ...asked } = act({ token: ada.token, id, room: room.name })
        return from(address, path, asked, turn)
      })
      const passed = answers.length - withStatus(answers, 429).length
      // Some come back meanwhile: two a second at most.
      const most = atMost + 2 * Math.ceil((Date.now() - began) / 1000)
      assert.ok(passed >= atMost - 1 && passed <= most, `${passed} of at most ${most} passed`)
      assertLimited(withStatus(answers, 429)[0])
      assert.equal(answers.filter(({ status }) => status >= 500).length, 0)
    })

  /** Each by a person who has used up that allowance. */
  const asked: [name: LimitName, path: string, body?: object][] = [
    ['me', '/api/me'],
    ['authorize', '/api/realtime/auth', { socket_id: '1.2' }],
    ['markRead', '/api/conversations/:id/read', { seq: 1 }],
    ['joinRoom', '/api/room/:room', { body: 'hi' }],
  ]
  for (const [name, path, body] of asked)
    test(`${name}: ${path}`, async () => {
      const [{ ada, id }, bob] = await Promise.all([friends(), person('bob')])
      const { name: room } = await joinRoom(bob, { name: `room-${unique()}` })
      const by = { ...ada, address: newAddress() }
      await exhaust(name, by)
      const at = path.replace(':id', id).replace(':room', room)
      assertLimited(await from(by.address, at, { token: ada.token, body }))
      const other = await from(by.address, at, { token: bob.token, body })
      assert.notEqual(other.status, 429, 'somebody else from there')
    })

  test('what open pages ask for and report', async () => {
    const ada = await person()
    const by = { ...ada, address: newAddress() }
    const headers = { cookie: await cookieOf(ada), 'parley-user': ada.id }
    const body = { receipts: [{ conversationId: ada.id }] }
    await Promise.all((['me', 'markRead'] as const).map((name) => exhaust(name, by)))
    assertLimited(await from(by.address, '/overview', { headers }))
    assertLimited(await from(by.address, '/receipts', { headers, body }))
  })

  test('blocking and unblocking', async () => {
    const [ada, bob] = await Promise.all([person(), person('bob')])
    await exhaust('block', ada)
    for (const act of [blockPerson, unblockPerson])
      await assert.rejects(act(ada, bob.id), (error: Refusal) => error.status === 429)
  })

  test('setting a first password, before its hash is made', async () => {
    const gus = await person('gus', { isGuest: true })
    await exhaust('firstPassword', gus)
    const began = process.cpuUsage()
    await assert.rejects(
      changePassword(gus, { newPassword: password }),
      (error: Refusal) => error.status === 429,
    )
    const { user } = process.cpuUsage(began)
    assert.ok(user < 150_000, `${user} µs of the processor, where a hash takes 300,000`)
  })

  test('an address has ten times what a person has', async () => {
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

  test('all of a /64 is one address', async () => {
    await exhaust('guest', { address: '2001:db8:0:1::1' })
    assertLimited(await from('2001:db8:0:1:ffff::2', '/api/session', { body: {} }))
    assert.equal((await from('2001:db8:0:2::1', '/api/session', { body: {} })).status, 200)
  })
})

describe('only what changes something counts', () => {
  test('being in a room costs no join: sending there, opening its page, joining again', async () => {
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

  test('who is in a room goes on sending there when there is no join left', async () => {
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

test('after as long as `Retry-After` says it works again', async () => {
  const ada = await person()
  await exhaust('search', { id: ada.id, address: null })
  const refused = await from(newAddress(), '/api/users', { token: ada.token })
  assertLimited(refused)
  await sleep(1000 * Number(refused.headers.get('retry-after')))
  assert.equal((await from(newAddress(), '/api/users', { token: ada.token })).status, 200)
})

test('one who floods takes nothing from the others of the address', async () => {
  const [{ ada, bob, id }, address] = [await friends(), newAddress()]
  const send = ({ token }: TestPerson, turn = 0) =>
    from(address, `/api/conversations/${id}/messages`, { token, body: { body: 'hi' } }, turn)
  const flood = await repeat(200, (turn) => send(ada, turn))
  assert.ok(withStatus(flood, 429).length > 100)
  assert.equal((await send(bob)).status, 201)
  const left = await countAllowed('send', 500, { address })
  assert.equal(left, 500)
})

describe('wrong passwords', () => {
  test('for one person from one address: a few, however many at once', async () => {
    const [ada, bob] = await Promise.all([account(), account('bob')])
    const address = newAddress()
    const answers = await repeat(60, (turn) => guess(ada, address, turn))
    assert.equal(withStatus(answers, 401).length, 20)
    assert.equal(withStatus(answers, 429).length, 40)
    assertLimited(await guess(ada, address))
    assertLimited(await logIn(ada, address))
    assertLimited(await from(address, '/api/session', { body: { username: ada.username, password } }))
    assert.equal((await logIn(ada, newAddress())).status, 200, 'from elsewhere')
    assert.equal((await logIn(bob, address)).status, 200, 'somebody else from there')
  })

  test('for one person from everywhere; but nobody is kept out where they have been before', async () => {
    const ada = await account()
    const home = newAddress()
    assert.equal((await logIn(ada, home)).status, 200)
    const addresses = Array.from({ length: 12 }, newAddress)
    const answers = await repeat(120, (turn) => guess(ada, addresses[turn % 12] ?? '', turn))
    const wrong = withStatus(answers, 401).length
    assert.ok(wrong >= 100 && wrong <= 102, `${wrong} were tried`)
    assertLimited(await logIn(ada, newAddress()))
    assert.equal((await logIn(ada, home)).status, 200)
    assert.equal((await guess(ada, home)).status, 401)
  })

  test('refused ones from one address do not count for the others', async () => {
    const ada = await account()
    const address = newAddress()
    await repeat(110, (turn) => guess(ada, address, turn))
    assert.equal((await guess(ada, newAddress())).status, 401)
    assert.equal((await logIn(ada, newAddress())).status, 200)
  })

  test('who has registered from an address is known there', async () => {
    const [username, home] = [`new-${unique()}`, newAddress()]
    const { body } = await from(home, '/api/register', { body: { username, password } })
    for (const _ of Array(10)) await spendAll(body.user.id)
    assertLimited(await logIn({ username }, newAddress()))
    assert.equal((await logIn({ username }, home)).status, 200)
  })

  /** Ten of the person's tries, from an address that nobody else has. */
  async function spendAll(id: string) {
    const address = newAddress()
    for (let tried = 0; tried < 10; tried++) await spend('logIn', { id, address })
  }

  test('the current password is not to be guessed either', async () => {
    const ada = { ...(await account()), address: newAddress() }
    const change = (currentPassword: string) =>
      changePassword(ada, { currentPassword, newPassword: 'a new password' }).catch((error) => error)
    const statuses = (await repeat(30, () => change('wrong'))).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 422).length, 20)
    assert.equal((await change(password)).status, 429)
    assertLimited(await logIn(ada, ada.address))
  })
})

describe('a page says how long to wait, and gives back what was typed', () => {
  /** Fills in the page's form with that button as a browser without JavaScript does, from the address. */
  const send = (path: string, button: string, values: Record<string, string>, who: Visitor) =>
    submitForm(path, button, values, {
      site: site(),
      headers: { 'x-forwarded-for': who.address, ...(who.cookie && { cookie: who.cookie }) },
    })
  type Visitor = { address: string; cookie?: string }

  function shows(text: string, of: string) {
    const [, alert = 'no alert'] = /role="alert"[^>]*>([^<]*)</.exec(text) ?? []
    assert.match(alert, new RegExp(`^Too many ${of}\\. Try again in \\d+ \\w+\\.$`))
  }

  for (const [path, button, limit, of, values] of [
    ['/login', 'Log in', 'logIn', 'logins', { username: 'somebody', password }],
    [
      '/register',
      'Create account',
      'register',
      'registrations',
      { username: 'some.body', password, firstName: 'Somebody', gender: '0' },
    ],
    ['/guest', 'Continue as guest', 'guest', 'guests', { username: 'somebody' }],
  ] as const)
    test(path, async () => {
      const address = newAddress()
      await exhaust(limit, { address })
      const { text } = await send(path, button, values, { address })
      shows(text, of)
      for (const [name, value] of Object.entries(values))
        assert.equal(text.includes(`value="${value}"`), name !== 'password', name)
    })

  test('the search, the invitation, the composer and the room', async () => {
    const ada = await onlinePerson()
    const bob = await onlinePerson('bob')
    const visitor = { address: newAddress(), cookie: await cookieOf(ada) }
    const id = await conversationOf(ada, await person('cyd'))
    for (const name of ['invite', 'send', 'createRoom'] as const) await exhaust(name, ada)
    const invited = await send(`/people?q=${bob.username}`, 'Invite', {}, visitor)
    shows(invited.text, 'invitations')
    const said = await send(`/c/${id}`, 'Send', { body: 'what I say' }, visitor)
    shows(said.text, 'messages')
    assert.match(said.text, /<textarea[^>]*>what I say<\/textarea>/)
    shows((await send('/rooms', 'Join', { name: `new-${unique()}` }, visitor)).text, 'new rooms')
    await exhaust('search', ada)
    const searched = await from(visitor.address, '/people?q=somebody', {
      headers: { cookie: visitor.cookie },
    })
    assert.equal(searched.status, 200)
    shows(searched.text, 'searches')
    assert.match(searched.text, /value="somebody"/)
  })

  test('the list of rooms, and a room that there are no joins left for', async () => {
    const [ada, bob] = await Promise.all([person(), person('bob')])
    const { name } = await joinRoom(bob, { name: `room-${unique()}` })
    const headers = { cookie: await cookieOf(ada) }
    for (const limit of ['listRooms', 'joinRoom'] as const) await exhaust(limit, ada)
    const listed = await from(newAddress(), '/rooms', { headers })
    assert.equal(listed.status, 200)
    shows(listed.text, 'requests')
    assert.match(listed.text, /Name of a room/, 'a room can be joined by its name all the same')
    const opened = await from(newAddress(), `/room/${name}`, { headers })
    assert.equal(opened.status, 200)
    shows(opened.text, 'rooms joined')
  })

  test('a conversation opens even if it cannot be marked read', async () => {
    const { ada, bob, id } = await friends()
    await say(bob, id, 'what bob says')
    await exhaust('markRead', ada)
    const opened = await from(newAddress(), `/c/${id}`, { headers: { cookie: await cookieOf(ada) } })
    assert.equal(opened.status, 200)
    assert.match(opened.text, /what bob says/)
  })
})

describe('a body that goes on and on is cut off', () => {
  const megabytes = 50
  const chunk = Buffer.alloc(64 * 1024, 'a')
  const boundary = 'multipart/form-data; boundary=x'

  for (const [path, type] of [
    ['/login', boundary],
    ['/nothing', boundary],
    ['/_next/nothing', boundary],
    ['/api/login', 'application/json'],
    ['/api/auth/callback/credentials', 'application/x-www-form-urlencoded'],
    ['/api/auth/signout', boundary],
  ] as const)
    test(`${path}, in chunks and with its length said`, async () => {
      const before = memoryOfTree(sites[0]?.services.site?.pid)
      for (const length of [undefined, megabytes * 2 ** 20]) {
        const { status, sent } = await upload(path, type, length)
        assert.equal(status, 413)
        // What waits in the system's buffers counts as sent.
        assert.ok(sent < 20, `${sent} MB were sent`)
      }
      const grown = memoryOfTree(sites[0]?.services.site?.pid) - before
      assert.ok(!(grown > 30), `the site grew by ${grown} MB`)
    })

  test('and the site goes on', async () => {
    assert.equal((await request('/api/health', { site: site() })).status, 200)
  })

  /** @returns the answer's status, and how many megabytes went out until it was all over */
  function upload(path: string, type: string, length?: number) {
    return new Promise<{ status?: number; sent: number }>((resolve) => {
      let sent = 0
      let status: number | undefined
      const headers = { 'content-type': type, ...(length && { 'content-length': length }) }
      const asking = sendRequest(new URL(path, site()), { method: 'POST', agent: false, headers })
      asking.on('response', (answer) => {
        status = answer.statusCode
        answer.on('error', () => {}).resume()
      })
      asking.on('error', () => {})
      asking.on('close', () => resolve({ status, sent: sent / 2 ** 20 }))
      const write = () => {
        while (sent < megabytes * 2 ** 20 && !asking.destroyed) {
          sent += chunk.length
          if (!asking.write(chunk)) return asking.once('drain', write)
        }
        asking.end()
      }
      write()
    })
  }
})

describe('open streams, over two instances that share their counts', () => {
  const open = async ({ token }: TestPerson, address: string, turn = 0) => {
    const headers = { 'x-forwarded-for': address }
    return TestStream.open('/api/room/lobby?timeout=300&after=999', { site: site(turn), token, headers })
  }
  const close = (streams: TestStream[]) => {
    for (const stream of streams) stream.close()
  }

  test('50 a person, however many at once; those that end no longer count', async () => {
    const [ada, bob, address] = [await person(), await person('bob'), newAddress()]
    const opened = await repeat(60, (turn) => open(ada, address, turn))
    const streams = opened.filter(({ status }) => status === 200)
    assert.equal(streams.length, 50)
    const cookie = await cookieOf(ada)
    for (const turn of [0, 1]) {
      const refused = await from(address, '/api/room/lobby', { token: ada.token }, turn)
      assertProblem(refused, 429)
      assert.equal(refused.headers.get('retry-after'), '10')
      const page = await from(address, '/room/lobby/live', { headers: { cookie } }, turn)
      assert.equal(page.status, 429)
      assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
      assert.match(page.text, /http-equiv="refresh" content="10".*role="alert"[^>]*>Too many [^<]+\./s)
    }
    const other = await open(bob, address)
    assert.equal(other.status, 200, 'nobody else of the address is refused')

    // They count for as long as they are open.
    await sleep(12_000)
    assert.equal(await countStreams(ada), 50)
    close(streams.slice(0, 10))
    await eventually(async () => (await countStreams(ada)) === 40)
    const again = await open(ada, address, 1)
    assert.equal(again.status, 200)
    close([...streams, again, other])
    await eventually(async () => (await countStreams(ada)) + (await countStreams(bob)) === 0)
  })

  test('500 an address', async () => {
    const [[ada, bob], address] = [await people('ada', 'bob'), newAddress()]
    await occupyStreams(499, address)
    const last = await open(ada, address)
    assert.equal(last.status, 200)
    assertProblem(await from(address, '/api/room/lobby', { token: bob.token }, 1), 429)
    const elsewhere = await open(bob, newAddress(), 1)
    assert.equal(elsewhere.status, 200)
    last.close()
    await eventually(async () => (await countStreams(ada)) === 0)
    const next = await open(bob, address, 1)
    assert.equal(next.status, 200)
    close([elsewhere, next])
  })

  test('the answer to HEAD is no open stream', async () => {
    const ada = await person()
    const headers = { cookie: await cookieOf(ada) }
    assert.equal((await from(newAddress(), '/room/lobby/live', { method: 'HEAD', headers })).status, 200)
    await eventually(async () => (await countStreams(ada)) === 0)
  })

  test('those of a killed site no longer count after 10 s', async () => {
    const ada = await person()
    const lost = await repeat(50, () => open(ada, newAddress(), 1))
    sites[1]?.services.site?.kill('SIGKILL')
    await eventually(() => lost.every(({ hasEnded }) => hasEnded))
    assertProblem(await from(newAddress(), '/api/room/lobby', { token: ada.token }), 429)
    await eventually(async () => {
      const next = await open(ada, newAddress())
      next.close()
      return next.status === 200
    }, 15_000)
    await eventually(() => sites[1]?.services.site?.isUp, 20_000)
  })
})

test('with PARLEY_LIMITS=off there are none', async () => {
  const { token } = await person()
  const answers = await repeat(100, () => request('/api/users', { token }))
  assert.equal(withStatus(answers, 200).length, 100)
})
