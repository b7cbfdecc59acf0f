import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Parley } from '@/scripts/parley'
import { cookieOf } from '@/testing/cookies'
import { findForm, postForm, submitForm } from '@/testing/forms'
import { request } from '@/testing/http'
import { startOtherSite } from '@/testing/other-site'
import { person, type TestPerson, unique, withSession } from '@/testing/people'

const overHttps = { 'x-forwarded-proto': 'https' }
/** A site behind a trusted proxy. */
let site: Parley
let ada: TestPerson

before(async () => {
  site = await startOtherSite({ TRUST_PROXY: 'true' })
  ada = await person()
})
after(() => site.stop())

test('a trusted proxy’s https turns on HSTS and a cookie for https only', async () => {
  for (const path of [
    '/login',
    '/settings',
    '/nothing',
    '/api/me',
    '/api/nothing',
    '/icon.svg',
    '/settings/',
  ]) {
    const response = await request(path, { site: site.url, headers: overHttps })
    assert.match(response.headers.get('strict-transport-security') ?? '', /^max-age=\d{8}/, path)
    assert.equal(
      (await request(path, { site: site.url })).headers.get('strict-transport-security'),
      null,
      path,
    )
  }
  const set = await register(site.url, overHttps)
  assert.match(set, /^__Host-parley\.session=ey/)
  assertHostCookie(set)
  const { status } = await request('/settings', {
    site: site.url,
    headers: { ...overHttps, cookie: set.split(';')[0] ?? '' },
  })
  assert.equal(status, 200, 'the cookie signs in')
})

test('an https AUTH_URL turns them on too, whatever the client says', async (t) => {
  const site = await startOtherSite({ AUTH_URL: 'https://chat.example.org' })
  t.after(() => site.stop())
  const { headers } = await request('/login', {
    site: site.url,
    headers: { 'x-forwarded-proto': 'http' },
  })
  assert.match(headers.get('strict-transport-security') ?? '', /^max-age/)
  const set = await register(site.url)
  assert.match(set, /^__Host-parley\.session=ey/)
  assertHostCookie(set)
})

test('a session cookie that another subdomain or plain http could set is not accepted', async () => {
  const [hosted, plain] = [await cookieOf(ada, '__Host-parley.session'), await cookieOf(ada)]
  const status = async (cookie: string, more: Record<string, string>) =>
    (await request('/settings', { site: site.url, headers: { cookie, ...more } })).status
  assert.equal(await status(hosted, overHttps), 200)
  assert.equal(await status(plain, overHttps), 307)
  assert.equal(await status(hosted.replace('__Host-', ''), overHttps), 307)
  assert.equal(await status(plain, {}), 200, 'plain http has only this cookie')
  assert.equal(await status(hosted, {}), 307)
})

test('logging out deletes the session cookie', async () => {
  const session = await cookieOf(await withSession(ada), '__Host-parley.session')
  const headers = { ...overHttps, origin: `https://${new URL(site.url).host}`, cookie: session }
  const page = await request('/settings', { site: site.url, headers })
  const { fields } = findForm(page.text, 'Log out')
  const response = await postForm('/settings', fields, { site: site.url, headers })
  assert.equal(response.status, 303)
  const deleted = response.headers.getSetCookie().find((one) => one.startsWith('__Host-parley.session='))
  assert.match(deleted ?? '', /Expires=Thu, 01 Jan 1970|Max-Age=0/i)
  assertHostCookie(deleted ?? '')
})

test('a site that trusts no proxy ignores the header', async () => {
  const response = await request('/login', { headers: overHttps })
  assert.equal(response.headers.get('strict-transport-security'), null)
})

/** Checks the attributes that browsers require of a `__Host-` cookie. */
function assertHostCookie(set: string) {
  for (const attribute of [/; Secure/, /; HttpOnly/, /; SameSite=Lax/i, /; Path=\/(;|$)/])
    assert.match(set, attribute)
  assert.doesNotMatch(set, /; Domain/i)
}

/** Creates an account. @returns the session cookie that the browser gets */
async function register(site: string, headers: Record<string, string> = {}) {
  const values = { username: `ada-${unique()}`, password: 'long enough' }
  const { host, origin } = new URL(site)
  const response = await submitForm('/register', 'Create account', values, {
    site,
    headers: { ...headers, origin: headers['x-forwarded-proto'] ? `https://${host}` : origin },
  })
  assert.equal(response.status, 303)
  return response.headers.getSetCookie().find((one) => /^(__Host-)?parley\.session=/.test(one)) ?? ''
}
