import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isMember } from '@/lib/memberships'
import { findRoom } from '@/lib/rooms'
import { assertProblem, type RequestOptions, request } from '@/testing/http'
import { people, person, type TestPerson, unique } from '@/testing/people'
import { TestStream } from '@/testing/streams'

const roomName = () => `room-${unique()}`
const path = (name: string) => `/api/room/${name}`
const says = (who: TestPerson, name: string, body: unknown, headers?: RequestOptions['headers']) =>
  who.request(path(name), { body, headers, method: 'POST' })
const listens = (who: TestPerson, name: string, query = '') =>
  TestStream.open(path(name) + query, { token: who.token })
const isIn = async ({ id }: TestPerson, name: string) => {
  const room = await findRoom(name)
  return room !== undefined && isMember(id, room.id)
}
const two = async () => (await people('ada', 'bob')) as [TestPerson, TestPerson]

describe('/api/room', { concurrency: 6 }, () => {
  test('a stream joins, creates the room if the name is free, and begins by saying so', async () => {
    const [ada] = await two()
    const name = roomName()
    const stream = await listens(ada, name)
    assert.equal(stream.status, 200)
    await stream.shows(`* ${ada.name} joined\n`)
    assert.ok(await isIn(ada, name))
    stream.close()
  })

  test('sending joins if necessary, and is 201 with the message', async () => {
    const [ada, bob] = await two()
    const name = roomName()
    const stream = await listens(bob, name)
    const { status, body } = await says(ada, name.toUpperCase(), { body: 'Good morning' })
    assert.equal(status, 201)
    assert.equal(body.seq, 1)
    assert.deepEqual(body.sender, { id: ada.id, username: ada.username, name: ada.name })
    assert.equal(body.conversationId, (await findRoom(name))?.id)
    await stream.shows(`${body.createdAt.slice(11, 16)} ${ada.name}: Good morning\n`)
    assert.ok(await isIn(ada, name))
    assert.equal(stream.text.split(`* ${ada.name} joined\n`).length, 2, 'said once')
    stream.close()
  })

  test('a known nonce is 200 with its message', async () => {
    const [ada] = await two()
    const name = roomName()
    const [one, other] = [
      await says(ada, name, { body: 'once', nonce: 'n' }),
      await says(ada, name, { body: 'twice', nonce: 'n' }),
    ]
    assert.deepEqual([one.status, other.status], [201, 200])
    assert.deepEqual(one.body, other.body)
  })

  test('a text is the message itself, whatever content type curl or a shell gives it', async () => {
    const [ada] = await two()
    const name = roomName()
    const types = ['text/plain', 'text/plain; charset=utf-8', 'application/x-www-form-urlencoded', '']
    for (const type of types) {
      const { status, body } = await says(ada, name, 'hello=1&b=%20 ü\r\nthere\n', { 'content-type': type })
      assert.deepEqual([status, body?.body], [201, 'hello=1&b=%20 ü\nthere'], type)
    }
    assert.equal(
      (await says(ada, name, '{"body":"x"}', { 'content-type': 'text/plain' })).body.body,
      '{"body":"x"}',
    )
  })

  test('a faulty message is 422, an unreadable one 400', async () => {
    const [ada] = await two()
    const name = roomName()
    const text = { 'content-type': 'text/plain' }
    for (const body of ['', ' \n ', 'x'.repeat(4001), 'a\rb', 'a\0b', '\u001b[2J'])
      assertProblem(await says(ada, name, body, text), 422, ['body'])
    for (const body of [{}, { body: '' }, { body: 7 }])
      assertProblem(await says(ada, name, body), 422, ['body'])
    assertProblem(await says(ada, name, { body: 'x', nonce: '' }), 422, ['nonce'])
    assertProblem(await says(ada, name, '{'), 400)
  })

  test('an invalid room name is 422 for joining, 404 for leaving', async () => {
    const [ada] = await two()
    for (const name of ['a%20b', 'a.b', '%C3%A9', 'x'.repeat(33), '%00']) {
      assertProblem(await ada.request(path(name)), 422, ['name'])
      assertProblem(await says(ada, name, { body: 'x' }), 422, ['name'])
      assertProblem(await ada.request(path(name), { method: 'DELETE' }), 404)
    }
    assertProblem(await ada.request(path(roomName()), { method: 'DELETE' }), 404)
    for (const none of ['/api/room', '/api/room/', '/api/room/x/y'])
      assert.ok([404, 308].includes((await ada.request(none)).status), none)
    assertProblem(await ada.request('/api/room'), 404)
  })

  test('a call without a token is 401, a wrong method 405', async () => {
    const name = roomName()
    for (const method of ['GET', 'POST', 'DELETE']) {
      const body = method === 'POST' ? { body: 'x' } : undefined
      for (const token of [undefined, 'x']) {
        const refused = await request(path(name), { method, body, token })
        assertProblem(refused, 401)
        assert.equal(refused.headers.get('www-authenticate'), 'Bearer')
      }
    }
    assert.equal(await findRoom(name), undefined)
    const ada = await person()
    for (const method of ['PUT', 'PATCH']) {
      const refused = await ada.request(path(name), { method })
      assertProblem(refused, 405)
      assert.equal(refused.headers.get('allow'), 'GET, POST, DELETE')
    }
  })

  test('the timeout is 1 to 300 whole seconds; `after` a number from 0 on', async () => {
    const [ada] = await two()
    const name = roomName()
    for (const timeout of ['0', '-1', '301', '1.5', 'x', '1e9', 'NaN'])
      assertProblem(await ada.request(`${path(name)}?timeout=${timeout}`), 422, ['timeout'])
    for (const after of ['-1', '1.5', 'x', '1e30'])
      assertProblem(await ada.request(`${path(name)}?after=${after}`), 422, ['after'])
    assert.equal(await findRoom(name), undefined, 'a refused call joins nothing')
    for (const timeout of ['1', '300', '']) {
      const stream = await listens(ada, name, `?timeout=${timeout}`)
      assert.equal(stream.status, 200)
      stream.close()
    }
  })

  test('leaving takes effect at once, is shown to the others, and ends the person’s streams in the room', async () => {
    const [ada, bob] = await two()
    const name = roomName()
    const [watching, elsewhere] = [await listens(bob, name), await listens(ada, roomName())]
    const streams = [await listens(ada, name), await listens(ada, name)]
    await watching.shows(`* ${ada.name} joined\n`)
    const { status, text } = await ada.request(path(name), { method: 'DELETE' })
    assert.deepEqual([status, text], [204, ''])
    assert.equal(await isIn(ada, name), false)
    await watching.shows(`* ${ada.name} left\n`)
    for (const stream of streams) {
      await stream.ends()
      assert.ok(stream.isComplete)
      assert.ok(!stream.text.includes(`${ada.name} left`))
    }
    assert.ok(!watching.hasEnded && !elsewhere.hasEnded)
    assert.equal((await ada.request(path(name), { method: 'DELETE' })).status, 204, 'and again')
    assert.equal(await isIn(ada, name), false)
    for (const stream of [watching, elsewhere]) stream.close()
  })

  test('a person without a stream has left within 10 s; a person with another stream has not', async () => {
    const [ada, bob] = await two()
    const cyd = await person('cyd')
    const name = roomName()
    const watching = await listens(bob, name)
    const [one, other, only] = [await listens(ada, name), await listens(ada, name), await listens(cyd, name)]
    await watching.shows(`* ${cyd.name} joined\n`)
    one.close()
    only.close()
    await watching.shows(`* ${cyd.name} left\n`, 10_000)
    assert.equal(await isIn(cyd, name), false)
    assert.equal(await isIn(ada, name), true, 'the other stream counts')
    assert.ok(!watching.text.includes(`* ${ada.name} left`))
    assert.equal(await isIn(bob, name), true)
    assert.equal(watching.text.split(' joined\n').length, 4, 'nobody joined twice')
    for (const stream of [other, watching]) stream.close()
  })
})
