import assert from 'node:assert/strict'
import { buffer } from 'node:stream/consumers'
import { describe, test } from 'node:test'
import { eq, sql } from 'drizzle-orm'
import { parse } from 'node-html-parser'
import { database } from '@/db/connection'
import { dataExports, users } from '@/db/schema'
import { updateProfile } from '@/lib/accounts'
import { blockPerson } from '@/lib/blocking'
import { deletePerson } from '@/lib/deletion'
import { removeFromGroup } from '@/lib/group-members'
import { listMessages } from '@/lib/history'
import { endLoginSession } from '@/lib/login-sessions'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import { sendMessage } from '@/lib/messages'
import { setReaction } from '@/lib/reactions'
import { joinRoom } from '@/lib/rooms'
import { eventually } from '@/testing/eventually'
import {
  account,
  conversationOf,
  friends,
  groupOf,
  makeConversations,
  password,
  people,
  person,
  say,
  type TestPerson,
  unique,
} from '@/testing/people'
import { refusedWith } from '@/testing/refusals'
import { readZip } from '@/testing/zip'
import { exportByForm, exportData } from './export'

const running = () => new AbortController().signal
const exportOf = async (who: TestPerson) => readZip(await buffer(await exportData(who, running())))
const countOf = (who: TestPerson) => database().$count(dataExports, eq(dataExports.userId, who.id))
const linesIn = (text: string | undefined) =>
  (text ?? '')
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

describe('an export', { concurrency: 2 }, () => {
  test('has each conversation that the person can see, each message as the API shows it', async () => {
    const { ada, bob, id } = await friends()
    const { id: group } = await groupOf('eve', 'carol')
    const room = await joinRoom(ada, { name: unique() })
    await say(bob, id, 'a question')
    await sendMessage(ada, id, { body: 'an answer', replyTo: 1 })
    await editMessage(ada, id, 2, { body: 'a better answer' })
    await setReaction(bob, id, 2, '👍', true)
    await say(ada, id, 'a secret')
    await deleteMessage(ada, id, 3)
    for (let number = 4; number <= 130; number++) await say(bob, id, `number ${number}`)
    const files = await exportOf(ada)
    assert.deepEqual([...files.keys()].sort(), [
      ...[id, room.id].flatMap((one) => [`conversations/${one}.html`, `conversations/${one}.jsonl`]).sort(),
      'index.html',
      'profile.json',
    ])
    assert.ok(!files.has(`conversations/${group}.jsonl`))
    const pages = await Promise.all([0, 100].map((after) => listMessages(ada, id, { after, limit: 100 })))
    assert.deepEqual(
      linesIn(files.get(`conversations/${id}.jsonl`)),
      pages.flatMap(({ messages }) => messages),
    )
    assert.ok(![...files.values()].join().includes('a secret'))
    assert.deepEqual(linesIn(files.get(`conversations/${room.id}.jsonl`)), [])
  })

  test('has a page that shows names, times, quotes and reactions, and runs nothing', async () => {
    const [ada, bob] = await people('ada', 'bob')
    await updateProfile(bob, { firstName: 'Bob', lastName: 'O’Neill & Sons' })
    const id = await conversationOf(ada, bob)
    const hostile = '</li><script>alert(1)</script><img src=x onerror="alert(1)">&amp; \'"'
    await say(bob, id, hostile)
    await sendMessage(ada, id, { body: 'indeed\nso', replyTo: 1 })
    await setReaction(bob, id, 2, '🎉', true)
    const files = await exportOf(ada)
    const html = files.get(`conversations/${id}.html`) ?? ''
    const page = parse(html)
    assert.equal(page.querySelectorAll('script, img, link, iframe, form').length, 0)
    assert.match(html, /<meta http-equiv="Content-Security-Policy" content="default-src 'none';/)
    const [first, second] = page.querySelectorAll('li')
    assert.equal(first?.querySelector('p')?.textContent, hostile)
    assert.match(first?.textContent ?? '', /^Bob O’Neill & Sons bob-\w+ \d{4}-\d\d-\d\d \d\d:\d\d UTC/)
    assert.ok(second?.querySelector('blockquote')?.textContent.includes('</li><script>'))
    assert.match(second?.textContent ?? '', /indeed\nso🎉 Bob O’Neill & Sons/)
    assert.match(files.get('index.html') ?? '', new RegExp(`conversations/${id}.html`))
  })

  test('has the profile, and nothing secret', async () => {
    const ada = await account('ada')
    const [bob] = await people('bob')
    await updateProfile(ada, { firstName: 'Ada', lastName: 'Lovelace', gender: 1 })
    await blockPerson(ada, bob.id)
    const text = (await exportOf(ada)).get('profile.json') ?? ''
    const profile = JSON.parse(text)
    const { username, firstName, lastName, gender } = profile.account
    assert.deepEqual([username, firstName, lastName, gender], [ada.username, 'Ada', 'Lovelace', 1])
    assert.equal(profile.blocks[0].id, bob.id)
    assert.equal(profile.loginSessions[0].userAgent, 'a test')
    assert.match(profile.about.join(), /Not included/)
    const [row] = await database().select().from(users).where(eq(users.id, ada.id))
    for (const secret of [row?.passwordHash, ada.token]) assert.ok(!text.includes(String(secret)))
    assert.doesNotMatch(text, /hash"|token"|selector/i)
  })

  test('leaves out groups that the person has left, and tells of deleted people', async () => {
    const { id, owner, members } = await groupOf('owner', 'ada')
    const [ada] = members as [TestPerson]
    const { bob, id: direct } = await friends()
    await say(bob, direct)
    await removeFromGroup(ada, id, 'me')
    await deletePerson(await person('operator', { siteRole: 'operator' }), bob.id, { messages: 'keep' })
    assert.equal((await exportOf(ada)).size, 2)
    assert.ok((await exportOf(owner)).has(`conversations/${id}.jsonl`))
  })

  test('has all of many conversations', async () => {
    const ada = await person()
    const ids = await makeConversations(ada, 120)
    const files = await exportOf(ada)
    assert.ok(ids.every((id) => files.has(`conversations/${id}.html`)))
  })
})

describe('exports are limited', { concurrency: 2 }, () => {
  test('to two in 24 hours, counted exactly', async () => {
    const ada = await person()
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5].map(() => exportOf(ada)))
    const refused = outcomes.flatMap((one) => (one.status === 'rejected' ? one.reason : []))
    assert.equal(refused.length, 3)
    for (const reason of refused) {
      assert.ok(refusedWith(429)(reason), String(reason))
      assert.ok(reason.retryAfter > 86_000 && reason.retryAfter <= 86_400)
    }
    await database()
      .update(dataExports)
      .set({ at: sql`now() - interval '25 hours'` })
      .where(eq(dataExports.userId, ada.id))
    assert.ok((await exportOf(ada)).size)
  })

  test('the form takes the password, except from guests', async () => {
    const ada = await account()
    for (const input of [{}, { currentPassword: 'wrong' }])
      await assert.rejects(exportByForm(ada, input, running()), refusedWith(422))
    assert.equal(await countOf(ada), 0)
    const archive = await exportByForm(ada, { currentPassword: password }, running())
    assert.ok((await readZip(await buffer(archive))).has('profile.json'))
    const gus = await person('gus', { isGuest: true })
    assert.ok((await buffer(await exportByForm(gus, {}, running()))).length)
  })

  test('one that ends before it begins does not count', async () => {
    const ada = await person()
    await assert.rejects(exportData(ada, AbortSignal.abort()))
    assert.equal(await countOf(ada), 0)
  })

  test('one that nobody reads stops, and leaves its place to others', async () => {
    const ada = await person()
    const lives = [1, 2, 3].map(() => new AbortController())
    const stalled = await Promise.all(
      lives.map(async ({ signal }) => exportData(await person('slow'), signal)),
    )
    const waiting = exportOf(ada)
    for (const life of lives) life.abort()
    assert.ok((await waiting).size)
    assert.ok(stalled.every(({ destroyed }) => destroyed))
  })

  test('one ends with its login session', async () => {
    const { ada, bob, id } = await friends()
    await say(bob, id)
    const ids = await makeConversations(ada, 30)
    for (const one of ids) await say(ada, one, 'x'.repeat(4000))
    const archive = await exportData(ada, running())
    await endLoginSession(ada, ada.loginSessionId)
    await assert.rejects(buffer(archive))
    await eventually(() => archive.destroyed)
  })
})
