import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { makeToken } from '@/lib/tokens'
import type { Parley } from '@/scripts/parley'
import { eventually } from '@/testing/eventually'
import { assertProblem, type HttpResponse, type RequestOptions, request } from '@/testing/http'
import { exhaust } from '@/testing/limits'
import { startOtherSite } from '@/testing/other-site'
import { account, password, person, type TestPerson, unique } from '@/testing/people'
import { loggedRequest, readSiteLog } from '@/testing/site-log'

const token = 'a token of the metrics'.replaceAll(' ', '-')
let site: Parley
let ada: TestPerson

before(async () => {
  site = await startOtherSite({ PARLEY_METRICS_TOKEN: token, TRUST_PROXY: 'true', PARLEY_LIMITS: 'on' })
  ada = await person('ada')
})
after(() => site.stop())

/** Finds the log's entry for a request. */
function loggedFor({ headers }: HttpResponse, dataDir = String(process.env.PARLEY_DATA_DIR)) {
  const id = headers.get('x-request-id')
  assert.ok(id)
  return loggedRequest(dataDir, id)
}

test('every response has a request id, and the log has an entry with it', async () => {
  const secret = unique()
  const body = { body: secret }
  for (const [path, options, status] of [
    [`/people?q=${secret}`, {}, 307],
    ['/no/such/page', {}, 404],
    [`/api/users?q=${secret}`, { token: ada.token }, 200],
    ['/api/room/lobby', { token: ada.token, body }, 201],
    ['/api/me', { method: 'PATCH' }, 405],
    ['/icon.svg', {}, 200],
  ] as const) {
    const response = await request(path, options)
    const { time, ms, ...entry } = await loggedFor(response)
    assert.ok(Math.abs(Date.now() - Date.parse(time)) < 10_000)
    assert.ok(ms > 0)
    const method = 'body' in options ? 'POST' : 'method' in options ? options.method : 'GET'
    const id = response.headers.get('x-request-id')
    const address = '127.0.0.1'
    assert.deepEqual(entry, {
      level: 'info',
      event: 'request',
      id,
      method,
      path: path.split('?')[0],
      status,
      address,
    })
    assert.ok(!JSON.stringify(entry).includes(secret), 'searches and messages are private')
  }
})

test('the log leaves out the token of a link', async () => {
  const token = makeToken().token
  for (const path of ['/setup', '/join', '/reset'])
    assert.equal((await loggedFor(await request(`${path}/${token}`))).path, `${path}/…`)
})

test('the request id and the client’s address are taken from a trusted proxy only', async () => {
  const headers = { 'x-request-id': `proxy-${unique()}`, 'x-forwarded-for': '10.0.0.1, 203.0.113.7' }
  const trusted = await request('/api/health', { site: site.url, headers })
  assert.equal(trusted.headers.get('x-request-id'), headers['x-request-id'])
  assert.equal((await loggedFor(trusted, site.dataDir)).address, '203.0.113.7')
  const untrusted = await request('/api/health', { headers })
  assert.notEqual(untrusted.headers.get('x-request-id'), headers['x-request-id'])
  assert.equal((await loggedFor(untrusted)).address, '127.0.0.1')
})

test('logins, failed logins, ended login sessions and reached limits are logged, without the input', async () => {
  const [bob, address] = [await account('bob'), '203.0.113.77']
  const typed = `typed-${unique()}`
  const send = (path: string, options: RequestOptions = {}) =>
    request(path, { site: site.url, ...options, headers: { 'x-forwarded-for': address } })
  const logIn = (username: string, tried: string) =>
    send('/api/login', { body: { username, password: tried } })
  const { token: bobs } = (await logIn(bob.username, password)).body
  assert.equal((await logIn(bob.username, typed)).status, 401)
  assert.equal((await logIn(typed, password)).status, 400)
  assert.equal((await send('/api/logout', { token: bobs, method: 'POST' })).status, 204)
  process.env.PARLEY_LIMITS = 'on'
  await exhaust('search', { ...ada, address })
  process.env.PARLEY_LIMITS = 'off'
  const limited = [await send('/api/users', ada), await send('/api/users', ada)]
  assert.ok(limited.every(({ status }) => status === 429))

  const events = () =>
    readSiteLog(site.dataDir)
      .split('\n')
      .filter((line) => line.includes('"event":"security.') && line.includes(`"address":"${address}"`))
      .map((line) => JSON.parse(line))
  await eventually(() => events().some(({ event }) => event === 'security.limit-reached'))
  const shown = events().map(({ event, user, client, limit, scope, request }) => {
    assert.match(request, /^[\da-f-]{36}$/)
    return [event.slice('security.'.length), user, client ?? limit, scope]
  })
  assert.deepEqual(shown, [
    ['login', bob.id, 'api', undefined],
    ['wrong-password', bob.id, undefined, undefined],
    ['unknown-username', undefined, undefined, undefined],
    ['login-sessions-ended', bob.id, undefined, undefined],
    ['limit-reached', ada.id, 'search', 'person'],
  ])
  assert.ok(!readSiteLog(site.dataDir).includes(typed))
})

test('a malformed request id is not taken from a trusted proxy either', async () => {
  const id = 'x","level":"error'
  const response = await request('/api/health', { site: site.url, headers: { 'x-request-id': id } })
  assert.notEqual(response.headers.get('x-request-id'), id)
})

test('metrics are off without a token setting, and otherwise require the token', async () => {
  assertProblem(await request('/api/metrics', { token }), 404)
  assertProblem(await request('/api/metrics', { site: site.url }), 401)
  assertProblem(await request('/api/metrics', { site: site.url, token: ada.token }), 401)
  assert.equal((await request('/api/metrics', { site: site.url, token })).status, 200)
})

test('metrics count requests by route, messages and streams', async () => {
  const before = await readMetrics()
  const room = { site: site.url, token: ada.token }
  await request(`/api/room/${unique()}`, { ...room, body: { body: 'one' } })
  await request(`/api/room/${unique()}`, { ...room, body: { body: 'two' } })
  await request(`/made-up/${unique()}`, { site: site.url })
  const stream = await fetch(`${site.url}/api/room/lobby?timeout=60`, {
    headers: { authorization: `Bearer ${ada.token}` },
  })
  const now = await readMetrics()
  const grown = (name: string) => now(name) - before(name)
  assert.equal(grown('parley_messages_total'), 2)
  assert.equal(
    grown('parley_request_duration_seconds_count{method="POST",route="/api/room/:id",status="201"}'),
    2,
  )
  assert.equal(grown('parley_request_duration_seconds_count{method="GET",route="other",status="404"}'), 1)
  assert.equal(now('parley_streams'), 1)
  await stream.body?.cancel()
  await eventually(async () => (await readMetrics())('parley_streams') === 0)
})

async function readMetrics() {
  const { text, headers } = await request('/api/metrics', { site: site.url, token })
  assert.match(String(headers.get('content-type')), /^text\/plain; version=/)
  const samples = [...text.matchAll(/^([^# \n].*) (\S+)$/gm)]
  const values = new Map(samples.map(([, name = '', value]) => [name, Number(value)]))
  return (name: string) => values.get(name) ?? 0
}
