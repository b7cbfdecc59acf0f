import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { database } from '@/db/connection'
import { dataExports } from '@/db/schema'
import type { Parley } from '@/scripts/parley'
import { cookieOf } from '@/testing/cookies'
import { request, siteUrl } from '@/testing/http'
import { startOtherSite } from '@/testing/other-site'
import { account, friends, password, person, say, type TestPerson } from '@/testing/people'
import { StalledReader } from '@/testing/stalled-reader'
import { readZip } from '@/testing/zip'

let site: Parley
before(async () => {
  // With this small heap, the site would run out of memory if an export held much of it.
  site = await startOtherSite({ TRUST_PROXY: 'true', NODE_OPTIONS: '--max-old-space-size=128' })
})
after(() => site.stop())

const path = '/settings/data/export'
const countOf = ({ id }: TestPerson) => database().$count(dataExports, eq(dataExports.userId, id))
const download = (at: string, headers: Record<string, string>, body?: URLSearchParams) =>
  fetch(new URL(at, site.url), { method: body ? 'POST' : 'GET', headers, body, redirect: 'manual' })
const bytesOf = async (response: Response) => new Uint8Array(await response.arrayBuffer())
const authorized = ({ token }: TestPerson) => ({ authorization: `Bearer ${token}` })
/** Posts the form as a browser does. */
const post = async (who: TestPerson, fields: Record<string, string>, origin = new URL(site.url).origin) =>
  download(path, { origin, cookie: await cookieOf(who) }, new URLSearchParams(fields))

/** Messages that a ZIP cannot make smaller: more than the buffers between the site and a reader hold. */
const sayNoise = ({ id: senderId }: TestPerson, id: string, count: number) =>
  database().execute(sql`
    with noise as (
      select number, (select string_agg(md5(random()::text || number || part), '') from generate_series(1, 120) as part) as body
      from generate_series(1, ${count}::int) as number),
    said as (
      insert into messages (conversation_id, seq, sender_id, body, nonce)
      select id, last_seq + number, ${senderId}, body, gen_random_uuid()
      from conversations, noise where id = ${id})
    update conversations set last_seq = last_seq + ${count} where id = ${id}`)

test('the API sends a ZIP, twice in 24 hours, and HEAD does not count', async () => {
  const { ada, bob, id } = await friends()
  await say(bob, id, 'hello')
  const head = await fetch(new URL('/api/export', site.url), { method: 'HEAD', headers: authorized(ada) })
  assert.equal(head.status, 200)
  for (const _time of [1, 2]) {
    const response = await download('/api/export', authorized(ada))
    assert.equal(response.headers.get('content-type'), 'application/zip')
    const name = String(response.headers.get('content-disposition'))
    assert.match(name, new RegExp(`^attachment; filename="${ada.username}-\\d{4}-\\d\\d-\\d\\d\\.zip"$`))
    assert.match((await readZip(await bytesOf(response))).get(`conversations/${id}.html`) ?? '', /hello/)
  }
  const third = await download('/api/export', authorized(ada))
  assert.equal(third.status, 429)
  assert.ok(Number(third.headers.get('retry-after')) > 86_000)
})

test('the form’s answer is the ZIP, and what is refused is shown on its page', async () => {
  const ada = await account()
  const toPage = async (response: Response) => {
    assert.equal(response.status, 303)
    const headers = { cookie: await cookieOf(ada) }
    return (await request(String(response.headers.get('location')), { site: site.url, headers })).text
  }
  assert.match(
    await toPage(await post(ada, { currentPassword: 'wrong' })),
    /This is not your current password\./,
  )
  assert.match(await toPage(await post(ada, {})), /aria-invalid="true"/)
  assert.equal(await countOf(ada), 0)
  for (const _time of [1, 2]) {
    const zip = await post(ada, { currentPassword: password })
    assert.ok((await readZip(await bytesOf(zip))).has('profile.json'))
  }
  assert.match(
    await toPage(await post(ada, { currentPassword: password })),
    /twice in 24 hours\. Try again in 24 hours\./,
  )
})

test('a form of another site, and other requests, export nothing', async () => {
  const ada = await person('gus', { isGuest: true })
  for (const origin of ['https://evil.example', 'null', `${siteUrl()}.evil.example`])
    assert.equal((await post(ada, {}, origin)).status, 403)
  const cookie = await cookieOf(ada)
  assert.equal((await download(path, { cookie })).status, 405)
  const signedOut = await download(path, {}, new URLSearchParams())
  assert.deepEqual(
    [signedOut.status, signedOut.headers.get('location')],
    [303, '/login?from=%2Fsettings%2Fdata'],
  )
  for (const body of ['\0', '%', '[', 'x'.repeat(2_000_000)]) {
    const headers = { cookie, 'content-type': 'application/json' }
    const { status } = await request(path, { site: site.url, headers, body })
    assert.ok(status >= 400 && status < 500, `${status} for ${body.slice(0, 9)}`)
  }
  assert.equal(await countOf(ada), 0)
})

test('a long export takes little memory, and a stalled or disconnected reader leaves its place', async () => {
  const pid = site.services.site?.pid
  const { ada, bob, id } = await friends()
  // 31 MB in each of its two files.
  for (let part = 0; part < 4; part++) await sayNoise(bob, id, 2000)
  // As many as are written at once.
  const stalled = [ada, bob].map((one) => new StalledReader(site, '/api/export', authorized(one)))
  const hungUp = new AbortController()
  const third = await fetch(new URL('/api/export', site.url), {
    headers: authorized(ada),
    signal: hungUp.signal,
  })
  await third.body?.getReader().read()
  hungUp.abort()
  const eve = await person('eve')
  assert.ok(
    (await readZip(await bytesOf(await download('/api/export', authorized(eve))))).has('profile.json'),
  )
  for (const reader of stalled) assert.equal((await reader.isClosed(60_000)).left, true)
  const whole = await download('/api/export', authorized(bob))
  const files = await readZip(await bytesOf(whole))
  assert.equal(files.get(`conversations/${id}.jsonl`)?.trimEnd().split('\n').length, 8000)
  assert.equal(site.services.site?.pid, pid, 'the site has run out of memory')
})
