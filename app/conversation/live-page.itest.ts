import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { leaveRoom } from '@/lib/attendance'
import { endLoginSession } from '@/lib/login-sessions'
import { isMember } from '@/lib/memberships'
import { findRoom, joinRoom } from '@/lib/rooms'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { request } from '@/testing/http'
import { friends, people, person, say, sayInRoom, type TestPerson, unique } from '@/testing/people'
import { TestStream } from '@/testing/streams'

const opens = async (who: TestPerson, path: string) =>
  TestStream.open(path, { headers: { cookie: await cookieOf(who) }, accept: 'text/html' })
const gets = async (path: string, who?: TestPerson) =>
  request(path, { headers: who && { cookie: await cookieOf(who) } })
const seqsOf = ({ text }: TestStream) =>
  [...text.matchAll(/<li\b[^>]*data-seq="(\d+)"/g)].map(([, seq]) => Number(seq))

describe('live pages', { concurrency: 4 }, () => {
  test('it is a page that grows by each message as it is sent', async () => {
    const { ada, bob, id } = await friends()
    const page = await opens(ada, `/c/${id}/live`)
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

  test('nothing in a message, or a name, is markup', async () => {
    const { ada, bob, id } = await friends()
    const page = await opens(ada, `/c/${id}/live`)
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
    const roomPage = await opens(ada, `/room/${room.name}/live`)
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

  test('it goes on after the message that it is told, and 422 where that is none', async () => {
    const { ada, bob, id } = await friends()
    for (const body of ['one', 'two', 'three']) await say(bob, id, body)
    const page = await opens(ada, `/c/${id}/live?after=2`)
    await page.shows('three')
    await say(bob, id, 'four')
    await page.shows('four')
    assert.deepEqual(seqsOf(page), [3, 4])
    page.close()
    for (const after of ['-1', 'x', '1.5'])
      assert.equal((await gets(`/c/${id}/live?after=${after}`, ada)).status, 422, after)
  })

  test('a stranger gets the 404 of what does not exist; who is signed out a 4xx', async () => {
    const { id } = await friends()
    const eve = await person('eve')
    const [theirs, none] = await Promise.all(
      [id, '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f'].map((one) => gets(`/c/${one}/live`, eve)),
    )
    assert.deepEqual([theirs?.status, none?.status], [404, 404])
    for (const path of [`/c/${id}/live`, '/c/x/live', '/room/lobby/live']) {
      const { status, text } = await gets(path)
      assert.ok(status >= 400 && status < 500, `${path}: ${status}`)
      assert.ok(!text.includes('<ol'))
    }
  })

  test('it takes no token and no other method', async () => {
    const { ada, id } = await friends()
    const { status } = await ada.request(`/c/${id}/live`)
    assert.ok(status >= 400 && status < 500)
    const cookie = await cookieOf(ada)
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const refused = await request(`/c/${id}/live`, { method, headers: { cookie } })
      assert.ok(refused.status >= 400 && refused.status < 500, `${method}: ${refused.status}`)
    }
  })

  test("a room's joins, shows who comes and goes, and ends with leaving", async () => {
    const [ada, bob] = (await people('ada', 'bob')) as [TestPerson, TestPerson]
    const room = await joinRoom(ada, { name: `Room-${unique()}` })
    const page = await opens(bob, `/room/${room.name.toLowerCase()}/live`)
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

  test("a free name's is a 404, and makes no room; so is what can be no name", async () => {
    const ada = await person()
    const name = `room-${unique()}`
    for (const one of [name, 'a.b', 'x'.repeat(33), '%20'])
      assert.equal((await gets(`/room/${one}/live`, ada)).status, 404, one)
    assert.equal(await findRoom(name), undefined)
  })

  test('it ends with the login session, and then is closed to it', async () => {
    const { ada, id } = await friends()
    const page = await opens(ada, `/c/${id}/live`)
    await endLoginSession(ada, ada.loginSessionId)
    await page.ends(6000)
    const again = await gets(`/c/${id}/live`, ada)
    assert.ok(again.status >= 400 && again.status < 500)
  })

  test('who reads it is online', async () => {
    const { ada, bob, id } = await friends()
    const page = await opens(ada, `/c/${id}/live`)
    await eventually(async () => {
      const { users } = (await bob.request(`/api/users?q=${ada.username}`)).body
      return users[0].status === 'online'
    })
    page.close()
  })
})
