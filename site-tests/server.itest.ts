import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { before, test } from 'node:test'
import { assertProblem, type HttpResponse, rawRequest, request, requestText, siteUrl } from '@/testing/http'
import { friends, say, type TestPerson } from '@/testing/people'

// server.ts calls some routes directly, and Next.js calls the others. Clients should notice no difference.

let ada: TestPerson
let path: string

before(async () => {
  const all = await friends()
  ada = all.ada
  path = `/api/conversations/${all.id}/messages`
})

const authorized = () => ({ authorization: `Bearer ${ada.token}` })

/** Writes to a new connection. @returns all that it received until the site closed it, or `isEnough` */
async function exchange(text: string, isEnough = (_received: string) => false) {
  const { hostname, port } = new URL(siteUrl())
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  let received = ''
  socket.on('data', (chunk) => {
    received += chunk
    if (isEnough(received)) socket.destroy()
  })
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return received
}

const statuses = (received: string) =>
  [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status)

test('a direct route and a route of Next.js respond with the same headers', async () => {
  const own = ['content-length', 'date', 'transfer-encoding', 'vary', 'x-request-id']
  const [direct, other] = [await request('/api/me'), await request('/api/users')]
  for (const response of [direct, other]) {
    assertProblem(response, 401)
    assert.match(response.headers.get('x-request-id') ?? '', /^[\da-f-]{36}$/)
  }
  const shared = ({ headers }: HttpResponse) => [...headers].filter(([name]) => !own.includes(name))
  assert.deepEqual(shared(direct), shared(other))
  assert.deepEqual(direct.body, other.body)
})

test('HEAD responds with the headers of GET and no body', async () => {
  for (const each of [path, '/api/users']) {
    const { status, text, headers } = await rawRequest({ method: 'HEAD', path: each, headers: authorized() })
    assert.deepEqual([status, text, headers.get('content-type')], [200, '', 'application/json'])
  }
  const stream = await rawRequest({ method: 'HEAD', path: '/api/room/lobby', headers: authorized() })
  assert.equal(stream.status, 200)
})

test('a connection stays open after a refusal, and requests may be pipelined', async () => {
  const bad = requestText(`POST ${path}`, { ...authorized(), 'content-length': '1' }, '{')
  const unread = requestText(`POST ${path}`, { 'content-length': '2' }, '{}')
  const page = requestText('GET /login')
  const good = requestText(`GET ${path}?limit=1`, { ...authorized(), connection: 'close' })
  assert.deepEqual(statuses(await exchange(bad + unread + page + good)), ['400', '401', '200', '200'])
})

test('a chunked body is read, and refused if it is too long', async () => {
  const chunk = 'a'.repeat(64 * 1024)
  const chunked = { ...authorized(), 'transfer-encoding': 'chunked', 'content-type': 'application/json' }
  const body = '{"body":"in chunks"}'
  const short = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const sent = await exchange(requestText(`POST ${path}`, chunked, short), (received) =>
    received.includes('in chunks'),
  )
  assert.deepEqual(statuses(sent), ['201'])
  const long = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(20)
  const form = { ...chunked, 'content-type': 'multipart/form-data; boundary=x' }
  for (const [each, headers] of [
    [path, chunked],
    ['/api/login', chunked],
    ['/login', form],
  ] as const)
    assert.deepEqual(statuses(await exchange(requestText(`POST ${each}`, headers, long))), ['413'], each)
})

test('the site still works after clients disconnected in the middle of a body', async () => {
  const { hostname, port } = new URL(siteUrl())
  for (const each of [path, '/login']) {
    const socket = connect(Number(port), hostname)
    socket.write(requestText(`POST ${each}`, { ...authorized(), 'content-length': '100' }, '{"body":'))
    await once(socket, 'connect')
    socket.destroy()
  }
  assert.equal((await request(path, { token: ada.token })).status, 200)
})

test('percent-encoded paths, absolute URLs and trailing slashes are understood', async () => {
  const encoded = path.replace(/-/g, '%2d')
  assert.equal((await rawRequest({ method: 'GET', path: encoded, headers: authorized() })).status, 200)
  const absolute = `http://parley${path}`
  assert.ok((await rawRequest({ method: 'GET', path: absolute, headers: authorized() })).status < 500)
  assert.equal((await rawRequest({ method: 'GET', path: `${path}/`, headers: authorized() })).status, 308)
})

test('a long response is compressed for clients that accept it', async () => {
  await say(ada, path.split('/')[3] ?? '', 'long '.repeat(500))
  const get = (encoding: string) =>
    fetch(new URL(path, siteUrl()), { headers: { ...authorized(), 'accept-encoding': encoding } })
  const [plain, packed] = [await get('identity'), await get('gzip')]
  assert.deepEqual(
    [plain, packed].map(({ headers }) => headers.get('content-encoding')),
    [null, 'gzip'],
  )
  assert.ok(Number(packed.headers.get('content-length')) < Number(plain.headers.get('content-length')) / 4)
  assert.deepEqual(await packed.json(), await plain.json())
})
