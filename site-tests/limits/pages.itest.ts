import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parse } from 'node-html-parser'
import { joinRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'
import { submitForm } from '@/testing/forms'
import { exhaust } from '@/testing/limits'
import { conversationOf, friends, onlinePerson, password, person, say, unique } from '@/testing/people'
import { limitedSites, newAddress } from './limited-sites'

const { from, url } = limitedSites(1)

type Visitor = { address: string; cookie?: string }

const send = (path: string, button: string, values: Record<string, string>, { address, cookie }: Visitor) =>
  submitForm(path, button, values, {
    site: url(),
    headers: { 'x-forwarded-for': address, ...(cookie && { cookie }) },
  })
function assertAlert(text: string, of: string) {
  const alert = parse(text).querySelector('[role=alert]')?.text
  assert.match(alert ?? 'no alert', new RegExp(`^Too many ${of}\\. Try again in \\d+ \\w+\\.$`))
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
  test(`${path} says how long to wait, and keeps the input`, async () => {
    const address = newAddress()
    await exhaust(limit, { address })
    const { text } = await send(path, button, values, { address })
    assertAlert(text, of)
    for (const [name, value] of Object.entries(values))
      assert.equal(text.includes(`value="${value}"`), name !== 'password', name)
  })

test('search, invitation, composer and new room say how long to wait, and keep the input', async () => {
  const ada = await onlinePerson()
  const bob = await onlinePerson('bob')
  const visitor = { address: newAddress(), cookie: await cookieOf(ada) }
  const id = await conversationOf(ada, await person('cyd'))
  for (const name of ['invite', 'send', 'createRoom'] as const) await exhaust(name, ada)
  const invited = await send(`/people?q=${bob.username}`, 'Invite', {}, visitor)
  assertAlert(invited.text, 'invitations')
  const sent = await send(`/c/${id}`, 'Send', { body: 'my words' }, visitor)
  assertAlert(sent.text, 'messages')
  assert.match(sent.text, /<textarea[^>]*>my words<\/textarea>/)
  assertAlert((await send('/rooms', 'Join', { name: `new-${unique()}` }, visitor)).text, 'new rooms')
  await exhaust('search', ada)
  const searched = await from(visitor.address, '/people?q=somebody', {
    headers: { cookie: visitor.cookie },
  })
  assert.equal(searched.status, 200)
  assertAlert(searched.text, 'searches')
  assert.match(searched.text, /value="somebody"/)
})

test('the list of rooms and a room say how long to wait', async () => {
  const [ada, bob] = await Promise.all([person(), person('bob')])
  const { name } = await joinRoom(bob, { name: `room-${unique()}` })
  const headers = { cookie: await cookieOf(ada) }
  for (const limit of ['listRooms', 'joinRoom'] as const) await exhaust(limit, ada)
  const listed = await from(newAddress(), '/rooms', { headers })
  assert.equal(listed.status, 200)
  assertAlert(listed.text, 'requests')
  assert.match(listed.text, /Room name/, 'a room can still be joined by its name')
  const opened = await from(newAddress(), `/room/${name}`, { headers })
  assert.equal(opened.status, 200)
  assertAlert(opened.text, 'rooms joined')
})

test('a conversation opens even if it cannot be marked read', async () => {
  const { ada, bob, id } = await friends()
  await say(bob, id, 'words of bob')
  await exhaust('markRead', ada)
  const opened = await from(newAddress(), `/c/${id}`, { headers: { cookie: await cookieOf(ada) } })
  assert.equal(opened.status, 200)
  assert.match(opened.text, /words of bob/)
})

test('pages, updates and API calls of all people at an address share its allowance', async () => {
  const [ada, address] = [await person(), newAddress()]
  const cookie = await cookieOf(ada)
  for (const name of ['search', 'me'] as const) await exhaust(name, { address })
  const areLimited = async (at: string) => [
    (await from(at, '/people?q=somebody', { headers: { cookie } })).text.includes('Too many searches.'),
    (await from(at, '/overview', { headers: { cookie, 'parley-user': ada.id } })).status === 429,
    (await from(at, '/api/me', { token: ada.token })).status === 429,
  ]
  assert.deepEqual(await areLimited(address), [true, true, true])
  assert.deepEqual(await areLimited(newAddress()), [false, false, false])
})
