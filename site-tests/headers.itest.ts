import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, test } from 'node:test'
import { parse } from 'node-html-parser'
import { cookieOf } from '@/testing/cookies'
import {
  type HttpResponse,
  type RawRequest,
  type RequestOptions,
  rawRequest,
  request,
  siteUrl,
} from '@/testing/http'
import { friends, type TestPerson, unknownId } from '@/testing/people'
import { TestStream } from '@/testing/streams'

/** The policy of responses that are no pages: they may load nothing, and no site may frame them. */
const strictPolicy = "default-src 'none'; frame-ancestors 'none'"

let ada: TestPerson
let cookie: string
let conversationId: string

before(async () => {
  const all = await friends()
  ada = all.ada
  conversationId = all.id
  cookie = await cookieOf(ada)
})

type Kind = [name: string, status: number, policy: 'page' | 'other', send: () => Promise<HttpResponse>]

/** Every kind of response. */
const kinds = (): Kind[] => {
  const gets = (path: string, options: RequestOptions = {}) =>
    request(path, { headers: { cookie }, ...options })
  const raw = (method: string, path: string, more: Partial<RawRequest> = {}) =>
    rawRequest({ method, path, ...more })
  /** Next.js redirects a script to the address that belongs to its headers. */
  const getsFlight = async (path: string) => {
    const options = { headers: { cookie, rsc: '1' } }
    const { headers } = await request(path, options)
    return request(headers.get('location') ?? path, options)
  }
  const { origin } = new URL(siteUrl())
  const token = { authorization: `Bearer ${ada.token}` }
  const [chunk] = readdirSync(join(String(process.env.PARLEY_BUILD_DIR), 'static/chunks')).filter((name) =>
    name.endsWith('.js'),
  )
  return [
    ['a page', 200, 'page', () => gets('/settings')],
    ['a page for React’s script', 200, 'page', () => getsFlight('/rooms')],
    ['a signed-out page', 200, 'page', () => request('/login')],
    ['a conversation', 200, 'page', () => gets(`/c/${conversationId}`)],
    ['a redirect to log in', 307, 'page', () => request('/settings')],
    ['a redirect of a signed-in person', 307, 'page', () => gets('/login')],
    ['a trailing slash', 308, 'page', () => gets('/settings/')],
    ['a double slash', 308, 'page', () => raw('GET', '/settings//x')],
    ['a page that does not exist', 404, 'page', () => gets('/nothing')],
    ['a conversation that does not exist', 404, 'page', () => gets(`/c/${unknownId}`)],
    ['a malformed path', 400, 'page', () => raw('GET', '/%ff')],
    ['a wrong method for a page', 405, 'page', () => raw('PUT', '/settings', { headers: { cookie } })],
    ['a body that is no form', 415, 'page', () => raw('POST', '/login', { headers: { origin }, body: 'x' })],
    [
      'a form from another site',
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
    ['a malformed path of the API', 400, 'other', () => raw('GET', '/api/%ff')],
    ['a wrong method for the API', 405, 'other', () => raw('PUT', '/api/me')],
    ['an unknown method', 400, 'other', () => raw('PROPFIND', '/api/me')],
    [
      'a body that is too large',
      413,
      'other',
      () => raw('POST', '/api/login', { headers: { 'content-length': '3000000' } }),
    ],
    ['health', 200, 'other', () => request('/api/health')],
    ['the description of the API', 200, 'other', () => request('/api/openapi.json')],
    ["next-auth's session", 200, 'other', () => gets('/api/auth/session')],
    ["next-auth's refusal", 400, 'other', () => gets('/api/auth/x')],
    ["next-auth's redirect", 302, 'other', () => gets('/api/auth/signin')],
    ['the icon', 200, 'other', () => request('/icon.svg')],
    ['an icon for phones', 200, 'other', () => request('/apple-touch-icon.png')],
    ['the web app manifest', 200, 'other', () => request('/manifest.webmanifest')],
    ['robots.txt', 200, 'other', () => request('/robots.txt')],
    ['the live page’s stylesheet', 200, 'other', () => request('/styles.css')],
    ['the icon by its old name', 200, 'other', () => request('/favicon.ico')],
    ['a script', 200, 'other', () => request(`/_next/static/chunks/${chunk}`)],
    ['a script that does not exist', 404, 'other', () => request('/_next/static/chunks/x.js')],
    ['a path that begins with an icon’s', 404, 'page', () => request('/icon.svgx')],
    [
      'the image optimizer, which is off',
      404,
      'page',
      () => request('/_next/image?url=%2Ficon.svg&w=64&q=75'),
    ],
  ]
}

describe('headers', { concurrency: 4 }, () => {
  test('every kind of response has the security headers', async () => {
    const faults: string[] = []
    for (const [name, status, policy, send] of kinds()) {
      const response = await send()
      try {
        assert.equal(response.status, status, name)
        assertHeaders(name, response.headers, policy)
        assert.equal(response.headers.get('strict-transport-security'), null, `${name}: not on plain http`)
      } catch (error) {
        faults.push((error as Error).message)
      }
    }
    assert.deepEqual(faults, [])
  })

  test('a stream and a live page have the security headers', async () => {
    const stream = await TestStream.open('/api/room/lobby?timeout=1', { token: ada.token })
    const live = await TestStream.open(`/c/${conversationId}/live`, { headers: { cookie } })
    assertHeaders('a stream', new Headers(stream.headers as Record<string, string>), 'other')
    assertHeaders('a live page', new Headers(live.headers as Record<string, string>), 'page')
    for (const one of [stream, live]) one.close()
  })

  test('a page runs only scripts with its nonce, and every page has a new nonce', async () => {
    const signedOut = ['/login', '/register', '/guest']
    const signedIn = ['/', '/settings', '/settings', '/people', '/invitations', '/rooms', '/room/lobby']
    const responses = await Promise.all([
      ...signedOut.map((path) => request(path)),
      ...[...signedIn, '/nothing', `/c/${conversationId}`].map((path) =>
        request(path, { headers: { cookie } }),
      ),
    ])
    const nonces = responses.map(({ headers, text }) => {
      const policy = headers.get('content-security-policy') ?? ''
      const [, nonce = ''] = /'nonce-([^']+)'/.exec(policy) ?? []
      const scripts = parse(text).querySelectorAll('script')
      assert.ok(scripts.length > 3)
      for (const script of scripts) assert.equal(script.getAttribute('nonce'), nonce)
      return nonce
    })
    assert.equal(new Set(nonces).size, nonces.length)
  })

  test('the documentation of the API runs no script, and loads only this site’s styles', async () => {
    const { headers, text } = await request('/api/docs')
    assert.equal(
      headers.get('content-security-policy'),
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    )
    assert.match(text, /<link rel="stylesheet" href="\/styles\.css"/)
    assert.ok(!/<script|style=|https?:\/\/(?!127\.0\.0\.1)/.test(text))
  })

  test('no cache may keep a person’s responses', async () => {
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
})

function assertHeaders(name: string, headers: Headers, kind: 'page' | 'other') {
  const policy = headers.get('content-security-policy') ?? ''
  if (kind === 'other') assert.equal(policy, strictPolicy, name)
  else {
    assert.match(policy, /frame-ancestors 'self'/, name)
    assert.match(policy, /'nonce-[\w+/=]{20,}'/, name)
    assert.match(policy, /base-uri 'none'/, name)
    assert.match(policy, /(object|default)-src 'none'/, name)
    assert.doesNotMatch(policy, /script-src[^;]*'unsafe-(inline|eval)'|\*/, name)
  }
  assert.equal(headers.get('x-content-type-options'), 'nosniff', name)
  assert.equal(headers.get('referrer-policy'), 'same-origin', name)
  assert.equal(headers.get('cross-origin-resource-policy'), 'same-origin', name)
  assert.match(headers.get('permissions-policy') ?? '', /camera=\(\)/, name)
  assert.equal(headers.get('x-powered-by'), null, name)
}
