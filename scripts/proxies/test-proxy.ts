import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect as connectHttp2 } from 'node:http2'
import { request as sendRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import WebSocket from 'ws'
import { conversationChannel } from '@/lib/realtime/channels'
import type { Parley } from '@/scripts/parley'
import { freePort } from '@/scripts/ports'
import { makeDataDir, removeDataDir } from '@/scripts/temporary'
import { cookieOf } from '@/testing/cookies'
import { eventually } from '@/testing/eventually'
import { submitForm } from '@/testing/forms'
import { request, siteUrl } from '@/testing/http'
import { startOtherSite } from '@/testing/other-site'
import { friends, person, unique } from '@/testing/people'
import { loggedRequest } from '@/testing/site-log'
import { connect } from '@/testing/sockets'
import { TestStream } from '@/testing/streams'
import type { Configure } from './configurations'

// The proxy's certificate is signed by itself.
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'

const socketsPerAddress = Number(process.env.SOKETI_SOCKETS_PER_ADDRESS)
/** Longer than the time after which nginx cuts a silent response by default. */
const silenceMs = 65_000
/** A proxy that buffers would pass on a message only when its stream ends, after a minute or more. */
const soonMs = 20_000

/** Tests a proxy with the configuration that we ship, in front of two sites. */
export function testProxy(name: string, configure: Configure) {
  const folder = makeDataDir()
  const direct = siteUrl()
  let other: Parley
  let httpPort: number
  let url: string
  let stop: () => Promise<unknown>

  before(async () => {
    other = await startOtherSite({ TRUST_PROXY: 'true', PARLEY_LIMITS: 'on' })
    const httpsPort = await freePort()
    httpPort = await freePort()
    url = `https://127.0.0.1:${httpsPort}`
    const sites = [direct, other.url].map((site) => new URL(site).host)
    const soketi = new URL(String(process.env.SOKETI_URL)).host
    stop = start(configure({ folder, httpPort, httpsPort, sites, soketi }))
    await eventually(() =>
      fetch(`${url}/api/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    // The tests' helpers use the site and Soketi at these addresses.
    process.env.PARLEY_SITE_URL = url
    process.env.SOKETI_URL = url
  })
  after(async () => {
    await stop?.()
    removeDataDir(folder)
    await other?.stop()
  })

  describe(name, { concurrency: 4 }, () => {
    test('a request over http is redirected to https', async () => {
      const { status, headers } = await request('/login', { site: `http://127.0.0.1:${httpPort}` })
      assert.equal(status, 308)
      assert.match(headers.get('location') ?? '', /^https:\/\/127\.0\.0\.1(:\d+)?\/login$/)
    })

    test('a registration over https sets HSTS and a cookie for https only', async () => {
      const values = { username: `ada-${unique()}`, password: 'long enough' }
      const { status, headers } = await submitForm('/register', 'Create account', values)
      assert.equal(status, 303)
      assert.match(headers.get('strict-transport-security') ?? '', /^max-age=\d{8}/)
      const cookie = headers.getSetCookie().find((one) => one.startsWith('__Host-parley.session='))
      assert.match(cookie ?? '', /; Secure/)
      const signedIn = { headers: { cookie: cookie?.split(';')[0] ?? '' } }
      assert.equal((await request('/settings', signedIn)).status, 200)
    })

    test('a form from another site is refused, whatever host it claims', async () => {
      const options = { headers: { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' } }
      const { status } = await submitForm('/login', 'Log in', { username: 'a', password: 'b' }, options)
      assert.equal(status, 403)
    })

    test('a body that is too large gets the site’s answer', async () => {
      const { ada, id } = await friends()
      const body = { body: 'x'.repeat(1_200_000) }
      const { status } = await ada.request(`/api/conversations/${id}/messages`, { body })
      assert.equal(status, 413)
    })

    test('a browser that speaks HTTP/2 gets pages and streams', async () => {
      const { ada, bob, id } = await friends()
      const session = connectHttp2(url)
      const cookie = await cookieOf(ada, '__Host-parley.session')
      const page = session.request({ ':path': `/c/${id}`, cookie })
      const [headers] = await once(page, 'response')
      assert.equal(headers[':status'], 200)
      assert.match(await text(page), /Send/)
      const live = session.request({ ':path': `/c/${id}/live`, cookie })
      let received = ''
      live.setEncoding('utf8').on('data', (chunk) => (received += chunk))
      await eventually(() => received.includes('<html'), soonMs)
      await bob.request(`/api/conversations/${id}/messages`, { body: { body: 'over HTTP/2' } })
      await eventually(() => received.includes('over HTTP/2'), soonMs)
      live.close()
      session.close()
    })

    test('a message arrives at once: over a socket, in a live page and in a stream', async () => {
      const { ada, bob, id } = await friends()
      const socket = await connect(bob)
      await socket.subscribe(conversationChannel(id))
      const page = await readPage(`/c/${id}/live`, await cookieOf(bob, '__Host-parley.session'))
      const stream = await TestStream.open('/api/room/lobby', { token: bob.token })
      await stream.shows(`${bob.username} joined`)
      const { status } = await ada.request(`/api/conversations/${id}/messages`, { body: { body: 'hello' } })
      assert.equal(status, 201)
      await socket.receives('message.created')
      await eventually(() => page.text.includes('hello'), soonMs)
      const said = unique()
      await ada.request('/api/room/lobby', { body: { body: said } })
      await stream.shows(said, soonMs)
    })

    test('a stream that is silent for a minute goes on', async () => {
      const [ada, room] = [await person(), unique()]
      await ada.request(`/api/room/${room}`, { body: { body: 'first' } })
      const stream = await TestStream.open(`/api/room/${room}?timeout=120`, { token: ada.token })
      await stream.shows('first')
      await sleep(silenceMs)
      assert.equal((await ada.request(`/api/room/${room}`, { body: { body: 'later' } })).status, 201)
      await stream.shows('later', soonMs)
    })

    test('a stream whose reader leaves ends at the site', async () => {
      const ada = await person()
      const stream = await TestStream.open(`/api/room/${unique()}`, { token: ada.token })
      const id = String(stream.headers['x-request-id'])
      stream.close()
      const folders = [String(process.env.PARLEY_DATA_DIR), other.dataDir]
      await Promise.any(folders.map((folder) => loggedRequest(folder, id)))
    })

    test('limits count the client’s real address, not one that it claims', async () => {
      const guest = (localAddress: string, turn: number) =>
        post('/api/session', { localAddress, headers: { 'x-forwarded-for': `203.0.113.${turn}` } })
      const statuses = new Set<number>()
      for (let turn = 0; turn < 60 && !statuses.has(429); turn++)
        statuses.add(await guest(floodAddress, turn))
      assert.deepEqual([...statuses], [200, 429])
      assert.equal(await guest(calmAddress, 0), 200)
    })

    test('Soketi counts the client’s real address, not one that it claims', async () => {
      const open = (localAddress: string, turn: number) =>
        openSocket(localAddress, { 'x-forwarded-for': `203.0.113.${turn}` })
      for (let turn = 0; turn < socketsPerAddress; turn++) assert.equal(await open(floodAddress, turn), 101)
      assert.equal(await open(floodAddress, socketsPerAddress), 429)
      assert.equal(await open(calmAddress, 0), 101)
    })

    test('nobody reaches Soketi’s API through the proxy', async () => {
      const { status, text } = await request(`/apps/${process.env.SOKETI_APP_ID}/channels`)
      assert.equal(status, 404)
      assert.match(text, /<html/)
    })
  })

  test(`${name}: if one of two sites stops, each message is stored once and the other site answers`, async () => {
    const { ada, id } = await friends()
    const path = `/api/conversations/${id}/messages`
    const sendUntilStored = async () => {
      const body = { body: 'hi', nonce: randomUUID() }
      // As browsers do: Caddy answers 502 if it chose the site that stopped, until it notices.
      await eventually(async () => (await ada.request(path, { body })).status < 300)
    }
    let isStopped = false
    const stopping = other.services.site?.stop().then(() => {
      isStopped = true
    })
    let sent = 0
    for (; sent < 20 || !isStopped; sent++) await sendUntilStored()
    await stopping
    const { body } = await ada.request(`${path}?limit=1`)
    assert.equal(body.messages[0].seq, sent)
    for (let turn = 0; turn < 20; turn++) assert.equal((await request('/login')).status, 200)
  })
}

// Loopback addresses, which stand for different machines.
const [floodAddress, calmAddress] = [`127.0.${process.pid % 200}.2`, `127.0.${process.pid % 200}.3`]

function start([program = '', ...args]: string[]) {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const kill = () => child.kill()
  process.once('exit', kill)
  return async () => {
    process.off('exit', kill)
    const exited = once(child, 'exit')
    if (child.exitCode === null && child.kill()) await exited
  }
}

/** Reads a live page as it arrives. Like a browser, fetch() accepts a compressed one. */
async function readPage(path: string, cookie: string) {
  const leaving = new AbortController()
  after(() => leaving.abort())
  const { body } = await fetch(new URL(path, siteUrl()), { headers: { cookie }, signal: leaving.signal })
  assert.ok(body)
  const page = { text: '' }
  const read = async () => {
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) page.text += chunk
  }
  read().catch(() => {})
  return page
}

type From = { localAddress: string; headers: Record<string, string> }

async function post(path: string, { localAddress, headers }: From) {
  const options = { method: 'POST', localAddress, headers, agent: false }
  const sent = sendRequest(new URL(path, siteUrl()), options).end('{}')
  const [response] = await once(sent, 'response')
  response.resume()
  return response.statusCode as number
}

/** Opens a socket that stays open until the end. @returns the status of the answer */
async function openSocket(localAddress: string, headers: Record<string, string>) {
  const url = `${siteUrl().replace('https', 'wss')}/app/${process.env.SOKETI_APP_KEY}?protocol=7`
  const socket = new WebSocket(url, { localAddress, headers })
  after(() => socket.terminate())
  const refused = once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode as number)
  return Promise.race([once(socket, 'open').then(() => 101), refused])
}
