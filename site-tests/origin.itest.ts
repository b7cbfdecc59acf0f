import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { getConversation } from '@/lib/conversations'
import { isMember } from '@/lib/memberships'
import { attendanceChannel, userChannel } from '@/lib/realtime/channels'
import { findRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'
import { findForm, multipart, type PageForm } from '@/testing/forms'
import { assertProblem, rawRequest, request, siteUrl } from '@/testing/http'
import { friends, person, say, socketId, type TestPerson, unique } from '@/testing/people'

const { host, origin, port } = new URL(siteUrl())

/** The headers of a browser's request that another site caused. */
const crossSite: Record<string, string>[] = [
  { origin: 'https://evil.example' },
  { origin: `http://evil.${host}` },
  { origin: `${origin}.evil.example` },
  { origin: `http://127.0.0.1:${Number(port) + 1}` },
  { origin: 'null' },
  { origin: 'null', 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
  { origin: 'https://evil.example', forwarded: 'host=evil.example' },
]
const sameSite: Record<string, string>[] = [{ origin }, { origin, 'sec-fetch-site': 'same-origin' }, {}]

let ada: TestPerson
let cookie: string
let conversationId: string
let form: PageForm

before(async () => {
  const all = await friends()
  ada = all.ada
  conversationId = all.id
  cookie = await cookieOf(ada)
  const { text } = await request('/settings', { headers: { cookie } })
  form = findForm(text, 'Save')
})

const shownName = async () => (await ada.request('/api/me')).body.user.name

/** Posts the profile as a form does, and as React's script does. */
const post = {
  form: (path: string, headers: Record<string, string>, name: string) =>
    postRaw(path, headers, { ...form.fields, gender: '0', firstName: name }),
  script: (path: string, headers: Record<string, string>, name: string) =>
    postRaw(path, { ...headers, 'next-action': form.actionId }, { _1_firstName: name }, '[{},"$K1"]'),
}

/** Posts without fetch(), which sets some of these headers itself. */
function postRaw(path: string, headers: Record<string, string>, fields: object, args?: string) {
  const { body, type } = multipart([...Object.entries(fields), ...(args ? [['0', args] as const] : [])])
  return rawRequest({ method: 'POST', path, headers: { ...headers, cookie, 'content-type': type }, body })
}

describe('requests from another site', { concurrency: 2 }, () => {
  test('forms and scripts of another site are refused at every page', async () => {
    const rest = ['/', '/login', '/register', '/guest', '/people', '/rooms', '/room/lobby', '/nothing']
    for (const path of ['/settings', ...rest, `/c/${conversationId}`, `/c/${conversationId}/live`])
      for (const [way, send] of Object.entries(post))
        for (const headers of crossSite) {
          const { status, text } = await send(path, headers, 'Mallory')
          assert.equal(status, 403, `${way} ${path} ${JSON.stringify(headers)}`)
          assert.match(text, /This was sent from another site\./)
        }
    assert.notEqual(await shownName(), 'Mallory')
  })

  test('forms and scripts of this site are accepted', async () => {
    for (const send of Object.values(post))
      for (const headers of sameSite) {
        const name = unique()
        assert.ok((await send('/settings', headers, name)).status < 400)
        assert.equal(await shownName(), name)
      }
  })

  test('another site cannot authorize a socket with a cookie, and so cannot join a room', async () => {
    const eve = await person('eve')
    const lobby = await findRoom('lobby')
    assert.ok(lobby)
    for (const channel_name of [userChannel(eve.id), attendanceChannel(lobby.id, eve.id), undefined])
      for (const headers of crossSite) {
        const body = { socket_id: socketId(), channel_name }
        const options = { body, headers: { cookie: await cookieOf(eve), ...headers } }
        // fetch() overwrites `sec-fetch-site`.
        if (!headers['sec-fetch-site']) assertProblem(await request('/api/realtime/auth', options), 403)
      }
    assert.equal(await isMember(eve.id, lobby.id), false)
    const authorized = await request('/api/realtime/auth', {
      body: { socket_id: socketId() },
      headers: { cookie: await cookieOf(eve), origin },
    })
    assert.equal(authorized.status, 200)
  })

  test('no other site marks a message read', async () => {
    const { ada, bob, id } = await friends()
    await say(bob, id)
    const body = { receipts: [{ conversationId: id, read: 1 }] }
    const report = async (headers: Record<string, string>) =>
      rawRequest({
        method: 'POST',
        path: '/receipts',
        headers: { host, cookie: await cookieOf(ada), 'parley-user': ada.id, ...headers },
        body: JSON.stringify(body),
      })
    for (const headers of crossSite) assert.equal((await report(headers)).status, 403)
    assert.equal((await getConversation(ada, id)).lastReadSeq, 0)
    assert.equal((await report({ origin })).status, 200)
    assert.equal((await getConversation(ada, id)).lastReadSeq, 1)
  })

  test('a request with a token is accepted from any site', async () => {
    const { status } = await request('/api/realtime/auth', {
      token: ada.token,
      body: { socket_id: socketId() },
      headers: { origin: 'https://bots.example' },
    })
    assert.equal(status, 200)
  })

  test('a path that only resembles a file’s is checked too', async () => {
    const before = await shownName()
    const paths = [
      '/icon.svgx',
      '/icon-svg',
      '/icon.svg/x',
      '/favicon.icox',
      '/icon-256.png',
      '/robots.txt/x',
      '/manifest.webmanifestx',
      '/_next/image',
      '/_next/images',
      '/apis',
    ]
    for (const path of paths)
      for (const way of Object.values(post))
        assert.equal((await way(path, { origin: 'https://evil.example' }, 'Mallory')).status, 403, path)
    assert.equal(await shownName(), before)
  })

  test('another site can log nobody in or out', async () => {
    const eve = await person('eve')
    const csrf = await request('/api/auth/csrf')
    const token = csrf.body.csrfToken
    const [csrfCookie] = csrf.headers.getSetCookie().map((one) => one.split(';')[0])
    const body = new URLSearchParams({ csrfToken: token }).toString()
    const headers = {
      cookie: `${await cookieOf(eve)}; ${csrfCookie}`,
      'content-type': 'application/x-www-form-urlencoded',
    }
    for (const other of crossSite.filter(({ origin }) => origin))
      for (const path of ['signout', 'callback/credentials', 'session'])
        assertProblem(await request(`/api/auth/${path}`, { body, headers: { ...headers, ...other } }), 403)
    assert.equal((await eve.request('/api/me')).status, 200)
    // Signing out by this path ends the login session itself.
    await request('/api/auth/signout', { body, headers: { ...headers, origin } })
    assert.equal((await eve.request('/api/me')).status, 401)
  })
})
