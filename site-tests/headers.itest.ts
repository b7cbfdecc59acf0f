import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Parley } from '@/scripts/parley'
import { cookieOf } from '@/testing/cookies'
import { findForm, postForm, submitForm } from '@/testing/forms'
import {
  type HttpResponse,
  type RawRequest,
  type RequestOptions,
  rawRequest,
  request,
  siteUrl,
} from '@/testing/http'
import { startOtherSite } from '@/testing/other-site'
import { friends, type TestPerson, unique, withSession } from '@/testing/people'
import { TestStream } from '@/testing/streams'

/** What is no page: nothing may be loaded by it, and nothing may frame it. */
const nothing = "default-src 'none'; frame-ancestors 'none'"

let ada: TestPerson
let cookie: string
let conversationId: string

before(async () => {
  const all = await friends()
  ada = all.ada
  conversationId = all.id
  cookie = await cookieOf(ada)
})

type Headed = Pick<HttpResponse, 'status' | 'headers'>

/** A response of each kind that there is, with what it should be. */
const kinds = (): [string, number, 'page' | 'other', () => Promise<Headed>][] => {
  const gets = (path: string, options: RequestOptions = {}) =>
    request(path, { headers: { cookie }, ...options })
  const raw = (method: string, path: string, more: Partial<RawRequest> = {}) =>
    rawRequest({ method, path, ...more })
  const { origin } = new URL(siteUrl())
  const token = { authorization: `Bearer ${ada.token}` }
  const [chunk] = readdirSync(join(String(process.env.PARLEY_BUILD_DIR), 'static/chunks')).filter((name) =>
    name.endsWith('.js'),
  )
  return [
    ['a page', 200, 'page', () => gets('/settings')],
    [
      'a page of its parts',
      200,
      'page',
      () => gets('/c/x', { headers: { cookie, rsc: '1' } }).then(() => gets('/rooms')),
    ],
    ['a signed-out page', 200, 'page', () => request('/login')],
    ['a conversation', 200, 'page', () => gets(`/c/${conversationId}`)],
    ['a redirect to log in', 307, 'page', () => request('/settings')],
    ['a redirect within', 307, 'page', () => gets('/login')],
    ['a slash too many', 308, 'page', () => gets('/settings/')],
    ['another slash too many', 308, 'page', () => raw('GET', '/settings//x')],
    ['a page that is not there', 404, 'page', () => gets('/nothing')],
    ['a conversation of others', 404, 'page', () => gets('/c/3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f')],
    ['a path that cannot be read', 400, 'page', () => raw('GET', '/%ff')],
    ['a method that no page has', 405, 'page', () => raw('PUT', '/settings', { headers: { cookie } })],
    ['no form', 415, 'page', () => raw('POST', '/login', { headers: { origin }, body: 'x' })],
    [
      'a form from elsewhere',
      403,
      'page',
      () => raw('POST', '/login', { headers: { origin: 'https://evil.example' } }),
    ],
    ['messages for a page', 200, 'other', () => gets(`/c/${conversationId}/messages`)],
    ['the overview for a page', 200, 'other', () => gets('/overview')],
    ['an API answer', 200, 'other', () => request('/api/me', { token: ada.token })],
    [
      'an empty answer',
      204,
      'other',
      () => raw('POST', `/api/conversations/${conversationId}/read`, { headers: token, body: '{"seq":0}' }),
    ],
    ['an API refusal', 401, 'other', () => request('/api/me')],
    ['an unknown path of the API', 404, 'other', () => request('/api/nothing')],
    ['a path of the API that cannot be read', 400, 'other', () => raw('GET', '/api/%ff')],
    ['a method that the API has not', 405, 'other', () => raw('PUT', '/api/me')],
    ['a method that nobody has', 400, 'other', () => raw('PROPFIND', '/api/me')],
    [
      'a body that is too large',
      413,
      'other',
      () => raw('POST', '/api/login', { headers: { 'content-length': '3000000' } }),
    ],
    ['health', 200, 'other', () => request('/api/health')],
    ["next-auth's session", 200, 'other', () => gets('/api/auth/session')],
    ["next-auth's refusal", 400, 'other', () => gets('/api/auth/x')],
    ["next-auth's redirect", 302, 'other', () => gets('/api/auth/signin')],
    ['the icon', 200, 'other', () => request('/icon.svg')],
    ['the icon by its old name', 200, 'other', () => request('/favicon.ico')],
    ['a script', 200, 'other', () => request(`/_next/static/chunks/${chunk}`)],
    ['a script that is not there', 404, 'other', () => request('/_next/static/chunks/x.js')],
    ['a path that begins with an icon’s', 404, 'page', () => request('/icon.svgx')],
    ['no pictures to resize', 404, 'page', () => request('/_next/image?url=%2Ficon.svg&w=64&q=75')],
  ]
}

describe('headers', { concurrency: 4 }, () => {
  test('every kind of response bears them', async () => {
    const faults: string[] = []
    for (const [what, status, kind, answer] of kinds()) {
      const given = await answer()
      try {
        assert.equal(given.status, status, what)
        assertHeaders(what, given.headers, kind)
        assert.equal(given.headers.get('strict-transport-security'), null, `${what}: not on plain http`)
      } catch (error) {
        faults.push((error as Error).message)
      }
    }
    assert.deepEqual(faults, [])
  })

  test('a stream and a live page bear them too', async () => {
    const stream = await TestStream.open('/api/room/lobby?timeout=1', { token: ada.token })
    const live = await TestStream.open(`/c/${conversationId}/live`, { headers: { cookie } })
    assertHeaders('a stream', new Headers(stream.headers as Record<string, string>), 'other')
    assertHeaders('a live page', new Headers(live.headers as Record<string, string>), 'page')
    for (const one of [stream, live]) one.close()
  })

  test('a page runs no script but those of its own nonce, and no two pages have the same', async () => {
    const answers = await Promise.all([1, 2].map(() => request('/settings', { headers: { cookie } })))
    const nonces = answers.map(({ headers, text }) => {
      const policy = headers.get('content-security-policy') ?? ''
      const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? []
      const scripts = [...text.matchAll(/<script\b[^>]*>/g)].map(([tag]) => tag)
      assert.ok(scripts.length > 3)
      for (const tag of scripts) assert.ok(tag.includes(`nonce="${nonce}"`), tag)
      return nonce
    })
    assert.notEqual(nonces[0], nonces[1])
  })

  test('what is one person’s is kept by no cache', async () => {
    for (const path of [
      '/',
      '/settings',
      `/c/${conversationId}`,
      `/c/${conversationId}/messages`,
      '/overview',
      '/receipts',
    ])
      assert.match(
        (await request(path, { headers: { cookie } })).headers.get('cache-control') ?? '',
        /no-store/,
        path,
      )
    for (const path of [
      '/api/me',
      '/api/users',
      `/api/conversations/${conversationId}/messages`,
      '/api/nothing',
    ])
      assert.equal((await request(path, { token: ada.token })).headers.get('cache-control'), 'no-store', path)
    assert.match(
      (await request('/api/auth/session', { headers: { cookie } })).headers.get('cache-control') ?? '',
      /no-store/,
    )
  })

  describe('on https', () => {
    const sites: Parley[] = []
    after(() => Promise.all(sites.map((site) => site.stop())))

    test('behind a trusted proxy that says so: only https from then on, and a cookie for https alone', async () => {
      const site = await startOtherSite({ TRUST_PROXY: 'true' })
      sites.push(site)
      const headers = { 'x-forwarded-proto': 'https' }
      for (const path of [
        '/login',
        '/settings',
        '/nothing',
        '/api/me',
        '/api/nothing',
        '/icon.svg',
        '/settings/',
      ]) {
        const { headers: given } = await request(path, { site: site.url, headers })
        assert.match(given.get('strict-transport-security') ?? '', /^max-age=\d{8}/, path)
        assert.equal(
          (await request(path, { site: site.url })).headers.get('strict-transport-security'),
          null,
          path,
        )
      }
      const set = await registers(site.url, headers)
      assert.match(set, /^__Host-parley\.session=ey/)
      assertHostCookie(set)
      const { status } = await request('/settings', {
        site: site.url,
        headers: { ...headers, cookie: set.split(';')[0] ?? '' },
      })
      assert.equal(status, 200, 'and it is signed in by it')
    })

    test('at an address that is https, whatever the client says', async () => {
      const site = await startOtherSite({ AUTH_URL: 'https://chat.example.org' })
      sites.push(site)
      const { headers } = await request('/login', {
        site: site.url,
        headers: { 'x-forwarded-proto': 'http' },
      })
      assert.match(headers.get('strict-transport-security') ?? '', /^max-age/)
      const set = await registers(site.url)
      assert.match(set, /^__Host-parley\.session=ey/)
      assertHostCookie(set)
    })

    test('a session cookie that another subdomain or plain http could set is not accepted', async () => {
      const site = await startOtherSite({ TRUST_PROXY: 'true' })
      sites.push(site)
      const headers = { 'x-forwarded-proto': 'https' }
      const [hosted, plain] = [await cookieOf(ada, '__Host-parley.session'), cookie]
      const status = async (cookie: string, more: Record<string, string>) =>
        (await request('/settings', { site: site.url, headers: { cookie, ...more } })).status
      assert.equal(await status(hosted, headers), 200)
      assert.equal(await status(plain, headers), 307)
      assert.equal(await status(hosted.replace('__Host-', ''), headers), 307)
      assert.equal(await status(plain, {}), 200, 'on plain http there is no other')
      assert.equal(await status(hosted, {}), 307)
    })

    test('logging out deletes the session cookie', async () => {
      const site = await startOtherSite({ TRUST_PROXY: 'true' })
      sites.push(site)
      const self = await withSession(ada)
      const session = await cookieOf(self, '__Host-parley.session')
      const headers = { 'x-forwarded-proto': 'https', origin: `https://${new URL(site.url).host}` }
      const path = `/c/${conversationId}`
      const submit = async (button: string, cookie: string, fields: Record<string, string> = {}) => {
        const page = await request(path, { site: site.url, headers: { ...headers, cookie: session } })
        const form = findForm(page.text, button)
        const options = { site: site.url, headers: { ...headers, cookie } }
        const response = await postForm(path, { ...form.fields, ...fields }, options)
        assert.equal(response.status, 303)
        return response.headers.getSetCookie()
      }
      const find = (set: string[], name: string) => {
        const found = set.find((one) => one.startsWith(`${name}=`))
        assert.ok(found, `${name} among ${set}`)
        assertHostCookie(found)
        return found
      }
      const signedOut = find(await submit('Log out', session), '__Host-parley.session')
      assert.match(signedOut, /Expires=Thu, 01 Jan 1970|Max-Age=0/i)
    })

    test('nobody makes a site on plain http believe it', async () => {
      const answer = await request('/login', { headers: { 'x-forwarded-proto': 'https' } })
      assert.equal(answer.headers.get('strict-transport-security'), null)
    })
  })
})

function assertHeaders(what: string, headers: Headers, kind: 'page' | 'other') {
  const policy = headers.get('content-security-policy') ?? ''
  if (kind === 'other') assert.equal(policy, nothing, what)
  else {
    assert.match(policy, /frame-ancestors 'self'/, what)
    assert.match(policy, /'nonce-[\w+/=]{20,}'/, what)
    assert.match(policy, /base-uri 'none'/, what)
    assert.ok(!/script-src[^;]*'unsafe-inline'|\*/.test(policy), what)
  }
  assert.equal(headers.get('x-content-type-options'), 'nosniff', what)
  assert.equal(headers.get('referrer-policy'), 'same-origin', what)
  assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', what)
  assert.match(headers.get('permissions-policy') ?? '', /camera=\(\)/, what)
  assert.equal(headers.get('x-powered-by'), null, what)
}

/** Browsers take a `__Host-` cookie only so. */
function assertHostCookie(set: string) {
  for (const attribute of [/; Secure/, /; HttpOnly/, /; SameSite=Lax/i, /; Path=\/(;|$)/])
    assert.match(set, attribute)
  assert.doesNotMatch(set, /; Domain/i)
}

/** @returns the cookie that a new account's browser is given */
async function registers(site: string, headers: Record<string, string> = {}) {
  const values = { username: `ada-${unique()}`, password: 'long enough' }
  const { host, origin } = new URL(site)
  const response = await submitForm('/register', 'Create account', values, {
    site,
    headers: { ...headers, origin: headers['x-forwarded-proto'] ? `https://${host}` : origin },
  })
  assert.equal(response.status, 303)
  return response.headers.getSetCookie().find((one) => /^(__Host-)?parley\.session=/.test(one)) ?? ''
}
