import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { before, test } from 'node:test'
import { assertProblem, type HttpResponse, rawRequest, request, siteUrl } from '@/testing/http'
import { friends, say, type TestPerson } from '@/testing/people'

// Some routes are called by the site's own server, the others by the framework: nobody should notice which.

let ada: TestPerson
let path: string

before(async () => {
  const all = await friends()
  ada = all.ada
  path = `/api/conversations/${all.id}/messages`
})

const authorized = () => ({ authorization: `Bearer ${ada.token}` })

/** Writes to a connection of its own. @returns all that came until the site closed it, or `isEnough` */
async function talk(text: string, isEnough = (_heard: string) => false) {
  const { hostname, port } = new URL(siteUrl())
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  let heard = ''
  socket.on('data', (chunk) => {
    heard += chunk
    if (isEnough(heard)) socket.destroy()
  })
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return heard
}

const http = (line: string, headers: Record<string, string> = {}, body = '') =>
  `${line} HTTP/1.1\r\nhost: parley\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n${body}`

const statuses = (heard: string) => [...heard.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => status)

test('a direct route and one of the framework answer with the same headers', async () => {
  const own = ['content-length', 'date', 'transfer-encoding', 'vary', 'x-request-id']
  const [direct, other] = [await request('/api/me'), await request('/api/users')]
  for (const answer of [direct, other]) {
    assertProblem(answer, 401)
    assert.match(answer.headers.get('x-request-id') ?? '', /^[\da-f-]{36}$/)
  }
  const shared = ({ headers }: HttpResponse) => [...headers].filter(([name]) => !own.includes(name))
  assert.deepEqual(shared(direct), shared(other))
  assert.deepEqual(direct.body, other.body)
})

test('HEAD gives the headers of GET, and no body', async () => {
  for (const each of [path, '/api/users']) {
    const { status, text, headers } = await rawRequest({ method: 'HEAD', path: each, headers: authorized() })
    assert.deepEqual([status, text, headers.get('content-type')], [200, '', 'application/json'])
  }
  const stream = await rawRequest({ method: 'HEAD', path: '/api/room/lobby', headers: authorized() })
  assert.equal(stream.status, 200)
})

test('a connection is kept after a refusal, and requests may follow each other at once', async () => {
  const bad = http(`POST ${path}`, { ...authorized(), 'content-length': '1' }, '{')
  const unread = http(`POST ${path}`, { 'content-length': '2' }, '{}')
  const page = http('GET /login')
  const good = http(`GET ${path}?limit=1`, { ...authorized(), connection: 'close' })
  assert.deepEqual(statuses(await talk(bad + unread + page + good)), ['400', '401', '200', '200'])
})

test('a body in chunks is read, and cut off where it is too long', async () => {
  const chunk = 'a'.repeat(64 * 1024)
  const chunked = { ...authorized(), 'transfer-encoding': 'chunked', 'content-type': 'application/json' }
  const body = '{"body":"in chunks"}'
  const short = `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
  const sent = await talk(http(`POST ${path}`, chunked, short), (heard) => heard.includes('in chunks'))
  assert.deepEqual(statuses(sent), ['201'])
  const long = `${chunk.length.toString(16)}\r\n${chunk}\r\n`.repeat(20)
  const form = { ...chunked, 'content-type': 'multipart/form-data; boundary=x' }
  for (const [each, headers] of [
    [path, chunked],
    ['/api/login', chunked],
    ['/login', form],
  ] as const)
    assert.deepEqual(statuses(await talk(http(`POST ${each}`, headers, long))), ['413'], each)
})

test('a client that hangs up within its body is no failure', async () => {
  const { hostname, port } = new URL(siteUrl())
  for (const each of [path, '/login']) {
    const socket = connect(Number(port), hostname)
    socket.write(http(`POST ${each}`, { ...authorized(), 'content-length': '100' }, '{"body":'))
    await once(socket, 'connect')
    socket.destroy()
  }
  assert.equal((await request(path, { token: ada.token })).status, 200)
})

test('what a path has to be decoded from is found all the same', async () => {
  const encoded = path.replace(/-/g, '%2d')
  assert.equal((await rawRequest({ method: 'GET', path: encoded, headers: authorized() })).status, 200)
  const absolute = `http://parley${path}`
  assert.ok((await rawRequest({ method: 'GET', path: absolute, headers: authorized() })).status < 500)
  assert.equal((await rawRequest({ method: 'GET', path: `${path}/`, headers: authorized() })).status, 308)
})

test('a long answer is compressed for clients that take it', async () => {
  await say(ada, path.split('/')[3] ?? '', 'long '.repeat(500))
  const { hostname, port } = new URL(siteUrl())
  const asks = (encoding: string) =>
    fetch(`http://${hostname}:${port}${path}`, { headers: { ...authorized(), 'accept-encoding': encoding } })
  const [plain, packed] = [await asks('identity'), await asks('gzip')]
  assert.deepEqual(
    [plain, packed].map(({ headers }) => headers.get('content-encoding')),
    [null, 'gzip'],
  )
  assert.ok(Number(packed.headers.get('content-length')) < Number(plain.headers.get('content-length')) / 4)
  assert.deepEqual(await packed.json(), await plain.json())
})
