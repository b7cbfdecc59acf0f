import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parse } from 'node-html-parser'
import { leaveRoom } from '@/lib/attendance'
import { blockPerson } from '@/lib/blocking'
import { endLoginSession } from '@/lib/login-sessions'
import { isMember } from '@/lib/memberships'
import { deleteMessage, editMessage } from '@/lib/message-changes'
import { setReaction } from '@/lib/reactions'
import { findRoom, joinRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { request } from '@/testing/http'
import {
  friends,
  makeGroup,
  people,
  person,
  say,
  sayInRoom,
  type TestPerson,
  unique,
  unknownId,
} from '@/testing/people'
import { TestStream } from '@/testing/streams'

const openLive = async (reader: TestPerson, path: string) =>
  TestStream.open(path, { headers: { cookie: await cookieOf(reader) }, accept: 'text/html' })
const get = async (path: string, reader?: TestPerson) =>
  request(path, { headers: reader && { cookie: await cookieOf(reader) } })
const seqsOf = ({ text }: TestStream) =>
  parse(text)
    .querySelectorAll('li[data-seq]')
    .map((item) => Number(item.getAttribute('data-seq')))

describe('live pages', { concurrency: 4 }, () => {
  test('a live page is HTML that grows by each message as it is sent', async () => {
    const { ada, bob, id } = await friends()
    const page = await openLive(ada, `/c/${id}/live`)
    assert.equal(page.status, 200)
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8')
    assert.equal(page.headers['x-content-type-options'], 'nosniff')
    assert.match(String(page.headers['content-security-policy']), /frame-ancestors 'self'/)
    await page.shows('<body')
    assert.match(page.text, /^<!doctype html><html lang="en">.*<title>.*<link rel="stylesheet"/s)
    for (const seq of [1, 2, 3]) {
      await say(seq % 2 ? bob : ada, id, `number ${seq}`)
      await page.shows(new RegExp(`data-seq="${seq}".*number ${seq}.*</li>`, 's'))
      assert.deepEqual(
        seqsOf(page),
        Array.from({ length: seq }, (_, index) => index + 1),
      )
    }
    assert.ok(!page.hasEnded)
    assert.ok(!/<script/i.test(page.text))
    page.close()
  })

  test('a message and a name are never markup', async () => {
    const { ada, bob, id } = await friends()
    const page = await openLive(ada, `/c/${id}/live`)
    await say(bob, id, '</li></ol><script>alert(1)</script><b onclick="x">&amp;\u2028')
    await page.shows('alert(1)')
    await say(bob, id, 'done')
    await page.shows('done')
    assert.ok(!/<script|<b onclick/i.test(page.text), page.text)
    assert.match(page.text, /&lt;script&gt;alert\(1\)/)
    assert.deepEqual(seqsOf(page), [1, 2])
    page.close()
    const mal = await person('mal', { firstName: '<img src=x>' })
    const room = await joinRoom(ada, { name: `room-${unique()}` })
    const roomPage = await openLive(ada, `/room/${room.name}/live`)
    await roomPage.shows('<ol')
    await joinRoom(mal, room)
    await sayInRoom(mal, room.id, 'hi')
    await roomPage.shows(`&lt;img src=x&gt; (${mal.username}) joined`)
    await roomPage.shows(
      `&lt;img src=x&gt;</bdi><span class="text-muted font-normal"> ${mal.username}</span>`,
    )
    await roomPage.shows('data-seq="1"')
    assert.ok(!roomPage.text.includes('<img src=x'))
    roomPage.close()
  })

  test('a change is a line with a link that shows the message', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['old', 'two']) await say(bob, id, body)
    const page = await openLive(ada, `/c/${id}/live?after=2&since=0`)
    await page.shows('<ol')
    await editMessage(bob, id, 1, { body: '<b>new</b>' })
    await setReaction(ada, id, 2, '👍', true)
    await setReaction(ada, id, 2, '👍', false)
    await deleteMessage(bob, id, 1)
    await page.shows('deleted')
    const items = parse(page.text).querySelectorAll('li')
    assert.deepEqual(
      items.map((item) => item.text),
      [
        `${bob.name} edited: <b>new</b> Show`,
        `${ada.name} reacted 👍 to ${bob.name}’s message Show`,
        `${ada.name} removed 👍 from ${bob.name}’s message Show`,
        `${bob.name} deleted a message Show`,
      ],
    )
    const link = items[0]?.querySelector('a')
    assert.equal(link?.getAttribute('href'), `/c/${id}?at=1#m1`)
    assert.equal(link?.getAttribute('target'), '_top')
    page.close()
  })

  test('an edit by a person whom the reader has blocked is not shown', async () => {
    const [ada, bob, mal] = await people('ada', 'bob', 'mal')
    const id = await makeGroup(ada, bob, mal)
    await blockPerson(ada, mal.id)
    await say(mal, id, 'old')
    const page = await openLive(ada, `/c/${id}/live?after=1&since=0`)
    await page.shows('<ol')
    await editMessage(mal, id, 1, { body: 'new' })
    await say(bob, id, 'the end')
    await page.shows('the end')
    assert.ok(!page.text.includes('edited'))
    page.close()
  })

  test('`after` resumes after that message, and a malformed one is a 422', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two', 'three']) await say(bob, id, body)
    const page = await openLive(ada, `/c/${id}/live?after=2`)
    await page.shows('three')
    await say(bob, id, 'four')
    await page.shows('four')
    assert.deepEqual(seqsOf(page), [3, 4])
    page.close()
    for (const after of ['-1', 'x', '1.5'])
      assert.equal((await get(`/c/${id}/live?after=${after}`, ada)).status, 422, after)
  })

  test('other people get the same 404 as for a missing conversation, and signed-out people a 4xx', async () => {
    const { id } = await friends()
    const eve = await person('eve')
    const [theirs, none] = await Promise.all([id, unknownId].map((one) => get(`/c/${one}/live`, eve)))
    assert.deepEqual([theirs?.status, none?.status], [404, 404])
    for (const path of [`/c/${id}/live`, '/c/x/live', '/room/lobby/live']) {
      const { status, text } = await get(path)
      assert.ok(status >= 400 && status < 500, `${path}: ${status}`)
      assert.ok(!text.includes('<ol'))
    }
  })

  test('a live page accepts no token and no other method', async () => {
    const { ada, id } = await friends()
    const { status } = await ada.request(`/c/${id}/live`)
    assert.ok(status >= 400 && status < 500)
    const cookie = await cookieOf(ada)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const refused = await request(`/c/${id}/live`, { method, headers: { cookie } })
      assert.ok(refused.status >= 400 && refused.status < 500, `${method}: ${refused.status}`)
    }
  })

  test('a room’s live page joins the room, shows joins and leaves, and ends when the reader leaves', async () => {
    const [ada, bob] = await people('ada', 'bob')
    const room = await joinRoom(ada, { name: `Room-${unique()}` })
    const page = await openLive(bob, `/room/${room.name.toLowerCase()}/live`)
    await page.shows('<ol')
    assert.ok(await isMember(bob.id, room.id))
    await leaveRoom(ada, room.id)
    await page.shows(`${ada.name} left`)
    await joinRoom(ada, room)
    await page.shows(`${ada.name} joined`)
    await sayInRoom(ada, room.id, 'back again')
    await page.shows('back again')
    await leaveRoom(bob, room.id)
    await page.ends()
    assert.ok(page.isComplete)
  })

  test('the live page of a free or malformed room name is a 404, and creates no room', async () => {
    const ada = await person()
    const name = `room-${unique()}`
    for (const one of [name, 'a.b', 'x'.repeat(33), '%20'])
      assert.equal((await get(`/room/${one}/live`, ada)).status, 404, one)
    assert.equal(await findRoom(name), undefined)
  })

  test('a live page ends with the login session, which cannot open it again', async () => {
    const { ada, id } = await friends()
    const page = await openLive(ada, `/c/${id}/live`)
    await endLoginSession(ada, ada.loginSessionId)
    await page.ends(6000)
    const again = await get(`/c/${id}/live`, ada)
    assert.ok(again.status >= 400 && again.status < 500)
  })

  test('a reader of a live page is online', async () => {
    const { ada, bob, id } = await friends()
    const page = await openLive(ada, `/c/${id}/live`)
    await eventually(async () => {
      const { users } = (await bob.request(`/api/users?q=${ada.username}`)).body
      return users[0].status === 'online'
    })
    page.close()
  })
})
