import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { parse } from 'node-html-parser'
import { database } from '@/db/connection'
import { siteSettings } from '@/db/schema'
import type { SiteSettings } from '@/lib/site-settings'
import type { Parley } from '@/scripts/parley'
import { cookieOf } from '@/testing/cookies'
import { switchToOwnDatabase } from '@/testing/databases'
import { postForm, readForms } from '@/testing/forms'
import { assertProblem, request } from '@/testing/http'
import { startOtherSite } from '@/testing/other-site'
import { account, password, person, unique } from '@/testing/people'

let site: Parley
before(async () => {
  const url = await switchToOwnDatabase()
  site = await startOtherSite({ DATABASE_URL: url })
  process.env.PARLEY_SITE_URL = site.url
})
after(() => site.stop())

const change = (settings: Partial<SiteSettings>) =>
  database()
    .update(siteSettings)
    .set({ registration: 'open', guests: true, roomMakers: 'everyone', ...settings })
const newName = () => `new-${unique()}`
const textOf = (html: string) => parse(html).querySelector('main')?.text ?? ''
const buttonsOf = (html: string) => readForms(html).map(({ button }) => button)
/** The places that the page's links lead to, without where they lead afterwards. */
const linksOf = (html: string) =>
  parse(html)
    .querySelectorAll('main a')
    .map((link) => String(link.getAttribute('href')).replace(/\?.*/, ''))

const modes: [settings: Partial<SiteSettings>, sentence: RegExp][] = [
  [{ registration: 'link', linkMakers: 'operators' }, /You need a link .* Ask an operator/],
  [{ registration: 'link', linkMakers: 'accounts' }, /You need a link .* Ask someone who has an account/],
  [{ registration: 'closed' }, /takes no new accounts/],
]
for (const [settings, sentence] of modes)
  test(`with ${Object.values(settings).join(' and ')}, the pages explain and the API refuses`, async () => {
    await change({ registration: 'open' })
    const form = readForms((await request('/register')).text)[0]
    await change(settings)
    const page = await request('/register')
    assert.match(textOf(page.text), sentence)
    assert.deepEqual(buttonsOf(page.text), [])
    for (const path of ['/', '/login']) {
      const { text } = await request(path)
      assert.match(textOf(text), sentence, path)
      assert.ok(!linksOf(text).includes('/register') && linksOf(text).includes('/guest'), path)
    }
    const body = { username: newName(), password }
    for (const path of ['/api/register', '/api/session']) assertProblem(await request(path, { body }), 403)
    const posted = await postForm('/register', { ...form?.fields, ...body })
    assert.equal(posted.headers.get('set-cookie'), null)
    assert.match(textOf(posted.text), sentence)
    assert.equal((await request('/api/login', { body })).status, 400, 'no account')
    const gus = await person('gus', { isGuest: true })
    const headers = { cookie: await cookieOf(gus) }
    const { text } = await request('/settings', { headers })
    assert.match(textOf(text), sentence)
    assert.ok(!buttonsOf(text).includes('Change password'))
  })

test('with guests off, the pages say so, the API refuses, and guests who are in stay', async () => {
  await change({ guests: true })
  const gus = await person('gus', { isGuest: true })
  const form = readForms((await request('/guest')).text)[0]
  await change({ guests: false })
  const page = await request('/guest')
  assert.match(textOf(page.text), /takes no guests/)
  assert.deepEqual(buttonsOf(page.text), [])
  for (const path of ['/', '/login']) {
    const links = linksOf((await request(path)).text)
    assert.ok(links.includes('/register') && !links.includes('/guest'), path)
  }
  const username = newName()
  for (const body of [{}, { username }]) assertProblem(await request('/api/session', { body }), 403)
  const posted = await postForm('/guest', { ...form?.fields, username })
  assert.equal(posted.headers.get('set-cookie'), null)
  const ada = await account()
  assertProblem(await request('/api/session', { body: { username: ada.username } }), 401)
  assert.equal((await request('/api/session', { body: { username: ada.username, password } })).status, 200)
  assert.equal((await request('/api/session', { body: { username, password } })).status, 200)
  assert.equal((await gus.request('/api/room/lobby', { body: { body: 'still here' } })).status, 201)
})

test('somebody who may not create rooms is refused by every way in, and joins rooms that exist', async () => {
  await change({ roomMakers: 'accounts' })
  const [ada, gus] = [await person(), await person('gus', { isGuest: true })]
  const headers = { cookie: await cookieOf(gus) }
  const free = `free-${unique()}`
  const page = await request(`/room/${free}`, { headers })
  assert.match(textOf(page.text), /cannot create rooms/)
  assert.ok(!buttonsOf(page.text).includes('Join'))
  const rooms = await request('/rooms', { headers })
  const form = readForms(rooms.text).find(({ button }) => button === 'Join')
  const posted = await postForm('/rooms', { ...form?.fields, name: free }, { headers })
  assert.match(textOf(posted.text), /cannot create rooms/)
  assertProblem(await gus.request(`/api/room/${free}`, { body: { body: 'hi' } }), 403)
  assertProblem(await gus.request(`/api/room/${free}?timeout=1`), 403)
  assert.equal((await ada.request(`/api/room/${free}`, { body: { body: 'hi' } })).status, 201)
  assert.equal((await gus.request(`/api/room/${free}`, { body: { body: 'hi' } })).status, 201)
})

test('the page of a link shows the way in for each visitor, and opening it uses nothing up', async () => {
  await change({ registration: 'link' })
  const oda = await person('oda', { siteRole: 'operator' })
  const made = await oda.request('/api/links', { body: { uses: 2, into: 'me' } })
  assert.deepEqual(Object.keys(made.body).sort(), ['expiresAt', 'id', 'url'])
  const { origin, pathname } = new URL(made.body.url)
  assert.equal(origin, new URL(site.url).origin)
  const [ada, gus] = [await person(), await person('gus', { isGuest: true })]
  const headers = { cookie: await cookieOf(ada) }
  const guestHeaders = { cookie: await cookieOf(gus) }
  const buttonsFor = async (headers = {}) => buttonsOf((await request(pathname, { headers })).text)
  for (const registration of ['open', 'link'] as const) {
    await change({ registration })
    assert.deepEqual(await buttonsFor(), ['Create account'])
    assert.deepEqual(await buttonsFor(guestHeaders), ['Create account'])
    assert.deepEqual(await buttonsFor(headers), ['Join'])
  }
  await change({ registration: 'closed' })
  assert.deepEqual(await buttonsFor(), [])
  assert.ok(linksOf((await request(pathname)).text).includes('/login'))
  assert.deepEqual(await buttonsFor(guestHeaders), [])
  assert.deepEqual(await buttonsFor(headers), ['Join'])
  const body = { username: newName(), password, link: made.body.url }
  assertProblem(await request('/api/register', { body }), 403)
  await change({ registration: 'link' })
  assertProblem(await request('/api/register', { body: { ...body, link: 'x' } }), 403)
  const { text, headers: answered } = await oda.request('/api/links')
  assert.equal(JSON.parse(text).links[0].used, 0)
  assert.ok(!text.includes(pathname.slice(6)) && answered.get('cache-control') === 'no-store')

  const page = await request(pathname)
  // So that the address, with its token, reaches no other site.
  assert.equal(page.headers.get('referrer-policy'), 'same-origin')
  assert.equal((await request('/api/register', { body })).status, 200)
  const form = readForms((await request(pathname, { headers })).text).find(({ button }) => button === 'Join')
  const joined = await postForm(pathname, { ...form?.fields }, { headers })
  assert.match(String(joined.headers.get('location')), /^\/c\//)
  const gone = await request(pathname)
  assert.equal(gone.status, 410)
  assert.match(textOf(gone.text), /Ask for a new one/)
  // The page of a link that was used up meanwhile.
  const refused = await postForm(pathname, { ...form?.fields }, { headers: guestHeaders })
  assert.equal(refused.status, 410)
})
