import assert from 'node:assert/strict'
import { test } from 'node:test'
import { database } from '@/db/connection'
import { users } from '@/db/schema'
import { assertProblem } from '@/testing/http'
import { conversationOf, onlinePerson, person, say, type TestPerson, unique } from '@/testing/people'
import { blockPerson, unblockPerson } from './blocking'
import { missing, Refusal } from './errors'
import { invite } from './invitations'
import { searchPeople } from './people'
import type { FoundPerson } from './views'

/** All pages of a search, in order. */
async function searchAll(by: TestPerson, q?: string) {
  const pages: FoundPerson[][] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof searchPeople>> = await searchPeople(by, { q, cursor })
    pages.push(page.users)
    cursor = page.nextCursor
    assert.ok(pages.length < 1000, 'it ends')
  } while (cursor)
  return pages
}

const names = (found: FoundPerson[]) => found.map(({ username }) => username)
const find = async (by: TestPerson, q: string) => names((await searchAll(by, q)).flat())

test('the best match comes first: start of the username, start of a name, anywhere', async () => {
  const key = unique()
  const anywhere = await person('x', { username: `a-${key}` })
  const word = await person('x', { username: `c-${unique()}`, lastName: `${key}son` })
  const otherWord = await person('x', { username: `b-${unique()}`, firstName: key })
  const prefix = await person('x', { username: `${key}-z` })
  const whole = await person('x', { username: key })
  const inName = await person('x', { username: `d-${unique()}`, firstName: `x${key}` })
  const expected = [whole, prefix, otherWord, word, anywhere, inName].map(({ username }) => username)
  assert.deepEqual(await find(whole, key), expected)
  assert.deepEqual(await find(whole, key.toUpperCase()), expected, 'whatever the case')
  assert.deepEqual(await find(whole, `  ${key} `), expected, 'spaces around it aside')
})

test('names are found regardless of case, with accents, and across first and last name', async () => {
  const key = unique()
  const emile = await person('emile', { firstName: `Émile${key}`, lastName: 'Zola' })
  for (const q of [`émile${key}`, `ÉMILE${key.toUpperCase()}`, `${key} zo`])
    assert.deepEqual(await find(emile, q), [emile.username], q)
})

test('three or more letters of any script are found inside names', async () => {
  // Only letters, because digits and a to z have trigrams in every locale.
  const ending = [...unique()].map((sign) => String.fromCodePoint(0x430 + Number.parseInt(sign, 16))).join('')
  const marina = await person('marina', { firstName: 'Марина', lastName: `Чайка${ending}` })
  for (const q of [`айка${ending}`, `АЙКА${ending.toUpperCase()}`, `рина чайка${ending}`])
    assert.deepEqual(await find(marina, q), [marina.username], q)
})

test('the special characters of LIKE have no special meaning', async () => {
  const key = unique()
  const people: Record<string, string> = {}
  for (const [name, lastName] of Object.entries({
    percent: '%',
    underscore: '_',
    backslash: '\\',
    quote: "'",
    none: 'x',
  }))
    people[name] = (await person(name, { lastName: `${key}${lastName}y` })).username
  const by = await person()
  for (const [name, sign] of Object.entries({ percent: '%', underscore: '_', backslash: '\\', quote: "'" }))
    assert.deepEqual(await find(by, `${key}${sign}y`), [people[name]], sign)
  assert.deepEqual(await find(by, `${key}%`), [people.percent])
  assert.deepEqual(await find(by, `%${key}`), [])
  assert.deepEqual(await find(by, `${key}\\`), [people.backslash])
})

test('the pages of a search list everyone exactly once, in the order of the tiers', async () => {
  const key = unique()
  const rows = Array.from({ length: 65 }, (_, index) => {
    const number = String(index).padStart(2, '0')
    if (index % 3 === 0) return { username: `${key}-${number}` }
    if (index % 3 === 1) return { username: `m${number}-${unique()}`, firstName: `${key}` }
    return { username: `n${number}-x${key}` }
  })
  await database()
    .insert(users)
    .values(rows.map((row) => ({ ...row, passwordHash: 'none' })))
  const pages = await searchAll(await person(), key)
  assert.deepEqual(
    pages.map(({ length }) => length),
    [20, 20, 20, 5],
  )
  const tiers = [0, 1, 2].map((rest) =>
    rows
      .filter((_, index) => index % 3 === rest)
      .map(({ username }) => username)
      .sort(),
  )
  assert.deepEqual(names(pages.flat()), tiers.flat())
})

test('a full last page is not followed by an empty one', async () => {
  const key = unique()
  await database()
    .insert(users)
    .values(Array.from({ length: 20 }, (_, n) => ({ username: `${key}-${n}`, passwordHash: 'none' })))
  const { users: found, nextCursor } = await searchPeople(await person(), { q: key })
  assert.equal(found.length, 20)
  assert.equal(nextCursor, null)
})

test('without a search everyone is listed once, by username', async () => {
  const ada = await person('ada')
  const all = names((await searchAll(ada)).flat())
  assert.ok(all.includes(ada.username))
  const keys = all.map((name) => name.toLowerCase())
  assert.deepEqual(keys, [...new Set(keys)].sort())
})

test('a found person has the conversation or invitation between the two', async () => {
  const bob = await onlinePerson('bob')
  const [friend, inviter, invitee, blocked] = await Promise.all(
    ['friend', 'inviter', 'invitee', 'blocked'].map((name) => onlinePerson(name)),
  )
  assert.ok(friend && inviter && invitee && blocked)
  const conversationId = await conversationOf(bob, friend)
  await say(friend, conversationId)
  await invite(inviter, { username: bob.username })
  await invite(bob, { username: invitee.username })
  await blockPerson(bob, blocked.id)
  const found = async (by: TestPerson, other: TestPerson) => {
    const { users } = (await by.request(`/api/users?q=${other.username}`)).body
    assert.equal(users.length, 1)
    const { conversationId, unread, invitation, isBlocked } = users[0]
    return [conversationId, unread, invitation?.direction ?? null, isBlocked]
  }
  assert.deepEqual(await found(bob, friend), [conversationId, 1, null, false])
  assert.deepEqual(await found(friend, bob), [conversationId, 0, null, false])
  assert.deepEqual(await found(bob, inviter), [null, 0, 'received', false])
  assert.deepEqual(await found(inviter, bob), [null, 0, 'sent', false])
  assert.deepEqual(await found(bob, invitee), [null, 0, 'sent', false])
  assert.deepEqual(await found(bob, blocked), [null, 0, null, true])
  assert.deepEqual(await found(blocked, bob), [null, 0, null, false])
})

test('the list and each person in it have the documented shape', async () => {
  const [ada, bob] = [await person('ada'), await onlinePerson('bob', { firstName: 'Bob' })]
  const { status, body } = await ada.request(`/api/users?q=${bob.username}`)
  assert.equal(status, 200)
  assert.deepEqual(Object.keys(body).sort(), ['nextCursor', 'users'])
  const [{ id, username, name, status: online, lastSeenAt }] = body.users
  assert.deepEqual([id, username, name, online], [bob.id, bob.username, 'Bob', 'online'])
  assert.ok(Math.abs(Date.now() - Date.parse(lastSeenAt)) < 60_000)
  assert.deepEqual((await ada.request(`/api/users?q=${unique()}`)).body, { users: [], nextCursor: null })
})

test('a person who was never online is offline, without a time last seen', async () => {
  const [ada, bob] = [await person('ada'), await person('bob')]
  const [found] = (await ada.request(`/api/users?q=${bob.username}`)).body.users
  assert.deepEqual([found.status, found.lastSeenAt], ['offline', null])
})

test('a malformed search or cursor is a 422 that names the field', async () => {
  const ada = await person()
  for (const q of ['%00', 'a%0Ab', '%1b']) assertProblem(await ada.request(`/api/users?q=${q}`), 422, ['q'])
  for (const cursor of ['x', '3:a', '0', ':', '-1:a', '0:%00', '1:a%00b'])
    assertProblem(await ada.request(`/api/users?cursor=${cursor}`), 422, ['cursor'])
})

test('a very long search finds nobody', async () => {
  const ada = await person()
  assert.deepEqual((await ada.request(`/api/users?q=${'x'.repeat(5000)}`)).body.users, [])
})

test('nobody can block themselves or a person who does not exist', async () => {
  const ada = await person()
  await assert.rejects(blockPerson(ada, ada.id), { name: 'Refusal', status: 403 })
  for (const id of ['x', '', '\0', '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f']) {
    await assert.rejects(blockPerson(ada, id), missing('person'))
    await unblockPerson(ada, id).catch((error) => assert.ok(error instanceof Refusal))
  }
})
