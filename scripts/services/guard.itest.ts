import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Agent, createServer, type Server } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { after, afterEach, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import PusherServer from 'pusher'
import { eventually } from '@/testing/eventually'
import { RawSocket } from '@/testing/raw-socket'
import type { Parley } from '../parley'
import { freePort } from '../ports'
import { startTemporaryParley } from '../temporary'
import { folderOf } from './install'
import { soketi, soketiNode } from './soketi'

let parley: Parley
let server: PusherServer
let webhooks: Server
const vacated: string[] = []
const sockets: RawSocket[] = []

const env = (name: string) => parley.env[name] ?? ''
const pid = () => parley.services.soketi?.pid

before(async () => {
  parley = await startTemporaryParley({
    site: 'none',
    env: { AUTH_SECRET: 'x'.repeat(32), OTHERS_SECRET: 'a secret', SOKETI_SHUTDOWN_GRACE_PERIOD: '0' },
  })
  server = new PusherServer({
    appId: env('SOKETI_APP_ID'),
    key: env('SOKETI_APP_KEY'),
    secret: env('SOKETI_APP_SECRET'),
    host: '127.0.0.1',
    port: new URL(env('SOKETI_URL')).port,
  })
  webhooks = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    for (const { name, channel } of JSON.parse(body).events)
      if (name === 'channel_vacated') vacated.push(channel)
    response.end()
  }).listen(Number(env('PORT')), '127.0.0.1')
})

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy()
})

after(async () => {
  webhooks.close()
  await parley.stop()
})

async function open() {
  const socket = await RawSocket.open(env('SOKETI_URL'), env('SOKETI_APP_KEY'))
  sockets.push(socket)
  return socket
}

async function signIn(socket: RawSocket, id: string) {
  socket.send({ event: 'pusher:signin', data: server.authenticateUser(socket.id, { id }) })
  await socket.receives(({ event }) => event === 'pusher:signin_success')
}

/** Subscribes with the site's signature. */
const subscribe = (socket: RawSocket, channel: string, userId = 'ada') =>
  socket.subscribe(
    channel,
    server.authorizeChannel(
      socket.id,
      channel,
      channel.startsWith('presence-') ? { user_id: userId } : undefined,
    ),
  )

const conversation = () => `private-conversation-${randomUUID()}`
const presence = () => `presence-conversation-${randomUUID()}`
const succeeded = 'pusher_internal:subscription_succeeded'
const failed = 'pusher:subscription_error'

async function occupied() {
  const answer = await server.get({ path: '/channels' })
  return Object.keys(((await answer.json()) as { channels: object }).channels)
}

test('a malformed frame, a large one and one of an unknown kind end only their socket', async () => {
  const [bystander, before] = [await open(), pid()]
  const frames = [
    '',
    'x',
    '{',
    'null',
    '[]',
    '5',
    {},
    { event: 5 },
    { event: null },
    { event: 'pusher:hello' },
    { event: 'pusher:connection_established', data: {} },
    { event: 'pusher_internal:member_added', data: {} },
    ...['subscribe', 'unsubscribe', 'signin'].flatMap((kind) =>
      [undefined, null, 'x', [], {}, { channel: 5 }, { channel: null }, { channel: {} }].map((data) => ({
        event: `pusher:${kind}`,
        data,
      })),
    ),
    { event: 'pusher:subscribe', data: { channel: 'x'.repeat(201) } },
    { event: 'pusher:subscribe', data: { channel: presence(), channel_data: 5 } },
    { event: 'pusher:signin', data: { auth: {}, user_data: '{}' } },
  ]
  await Promise.all(
    frames.map(async (frame) => {
      const socket = await open()
      socket.send(frame)
      assert.equal(await socket.ended(), 4010, JSON.stringify(frame))
    }),
  )
  const [binary, large] = [await open(), await open()]
  binary.sendBytes('{"event":"pusher:ping"}', 2)
  assert.equal(await binary.ended(), 4010)
  large.send({ event: 'pusher:ping', data: 'x'.repeat(32 * 1024) })
  assert.equal(await large.ended(), 1006)
  assert.ok(await bystander.isOpen())
  assert.equal(pid(), before)
})

test('a sign-in and a subscription that nobody signed are refused', async () => {
  const socket = await open()
  for (const channel of [conversation(), presence()])
    for (const more of [{}, { auth: 'x' }, { auth: `${env('SOKETI_APP_KEY')}:x`, channel_data: '{' }])
      assert.equal(await socket.subscribe(channel, more), failed)
  assert.ok(await socket.isOpen())
  for (const user_data of ['', '{', 'null', '{"id":"ada"}']) {
    const socket = await open()
    socket.send({ event: 'pusher:signin', data: { auth: 'x', user_data } })
    assert.equal(await socket.ended(), 4009)
  }
})

test('channels other than the contract has are refused, signed or not', async () => {
  const socket = await open()
  await signIn(socket, randomUUID())
  const id = randomUUID()
  for (const channel of [
    'lobby',
    `private-room-${id}`,
    `presence-user-${id}`,
    `cache-${id}`,
    `private-cache-${id}`,
    `presence-cache-${id}`,
    `private-encrypted-${id}`,
    `#server-to-user-${id}`,
    'private-user-x',
  ]) {
    assert.equal(await socket.subscribe(channel), failed, channel)
    assert.ok(!(await occupied()).includes(channel), channel)
  }
  assert.equal(await subscribe(await open(), `private-room-${id}`), failed)
  for (const channel of [
    `private-user-${id}`,
    conversation(),
    presence(),
    'private-people',
    `private-attendance-${id}_${id}`,
  ])
    assert.equal(await subscribe(socket, channel), succeeded, channel)
})

test('a socket has at most 200 channels, and the site’s own more', async () => {
  const somebody = await open()
  const userId = randomUUID()
  await signIn(somebody, userId)
  await somebody.subscribe(`#server-to-user-${userId}`)
  const names = Array.from({ length: 201 }, conversation)
  const answers = await Promise.all(names.map((name) => subscribe(somebody, name)))
  assert.deepEqual([...new Set(answers.slice(0, 200))], [succeeded])
  assert.equal(answers[200], failed)
  somebody.send({ event: 'pusher:unsubscribe', data: { channel: names[0] } })
  assert.equal(await subscribe(somebody, conversation()), succeeded, 'one left makes room for another')

  const site = await open()
  await signIn(site, `site-${randomUUID()}`)
  const more = await Promise.all(Array.from({ length: 400 }, () => subscribe(site, conversation())))
  assert.deepEqual([...new Set(more)], [succeeded])
})

test('typing is all that sockets say to each other, in a presence channel that they are in', async () => {
  const [channel, other] = [presence(), presence()]
  const [ada, bob] = [await open(), await open()]
  await subscribe(ada, channel, 'ada')
  await subscribe(bob, channel, 'bob')
  // To a channel that it is not in, or not yet: nothing happens.
  ada.send({ event: 'client-typing', channel: other, data: {} })
  ada.send({ event: 'client-typing', channel })
  const typing = await bob.receives(({ event }) => event === 'client-typing')
  assert.deepEqual(typing, { event: 'client-typing', channel, data: {}, user_id: 'ada' })

  for (const frame of [
    { event: 'client-typing', channel, data: { text: 'hello' } },
    { event: 'client-typing', channel, data: 'hello' },
    { event: 'client-message', channel, data: {} },
    { event: 'xclient-typing', channel, data: {} },
    { event: 'client-typing', channel: conversation(), data: {} },
    { event: 'client-typing', channel: 'lobby', data: {} },
    { event: 'client-typing', data: {} },
    { event: 'message.created', channel, data: {} },
  ]) {
    const eve = await open()
    await subscribe(eve, channel, 'eve')
    eve.send(frame)
    assert.equal(await eve.ended(), 4010, JSON.stringify(frame))
  }
  assert.ok(await bob.isOpen())
  assert.equal(bob.frames.filter(({ event }) => !event.startsWith('pusher')).length, 1)
})

test('a socket cannot have a channel reported empty that it is not in', async () => {
  const [ada, eve] = [await open(), await open()]
  const [foreign, own] = [`private-user-${randomUUID()}`, `private-user-${randomUUID()}`]
  eve.send({ event: 'pusher:unsubscribe', data: { channel: foreign } })
  await subscribe(ada, own)
  ada.send({ event: 'pusher:unsubscribe', data: { channel: own } })
  await eventually(() => vacated.includes(own))
  assert.ok(!vacated.includes(foreign))
})

test('a socket that closes leaves no trace, however and whenever it does', async () => {
  const channel = presence()
  const [watcher, eve, hurried] = [await open(), await open(), await open()]
  await subscribe(watcher, channel, 'watcher')
  await subscribe(eve, channel, 'eve')
  eve.close(4200)
  await watcher.receives(
    ({ event, data }) => event === 'pusher_internal:member_removed' && /eve/.test(String(data)),
  )

  const fleeting = presence()
  const auth = server.authorizeChannel(hurried.id, fleeting, { user_id: 'hurried' })
  hurried.send({ event: 'pusher:subscribe', data: { channel: fleeting, ...auth } })
  hurried.destroy()
  await eventually(async () => {
    const channels = await occupied()
    return channels.includes(channel) && !channels.includes(fleeting)
  })
  await sleep(200)
  assert.ok(!(await occupied()).includes(fleeting))
})

test('a socket that has closed gets into none of Soketi’s lists', async () => {
  const packages = folderOf('soketi')
  const program = `
    const { Namespace } = require('@soketi/soketi/dist/namespace')
    const lists = new Namespace('app')
    const enter = (ws) => Promise.all([lists.addSocket(ws), lists.addToChannel(ws, ws.id), lists.addUser(ws)])
    const socket = (id, isClosed) => ({ id, user: { id }, guard: { isClosed, channels: new Set([id]) } })
    const show = () => console.log(lists.sockets.size, lists.channels.size, lists.users.size)
    enter(socket('closed', true)).then(show)
      .then(() => enter(socket('open', false))).then(show)
      .then(() => lists.removeSocket('open')).then(show)`
  const args = ['--require', join(packages, 'guard.cjs'), '--eval', program]
  const options = { cwd: packages, encoding: 'utf8' } as const
  const { stdout } = spawnSync(await soketiNode(packages, () => {}), args, options)
  assert.equal(stdout, '0 0 0\n1 1 1\n0 0 1\n')
})

test('a flood of frames ends its socket, and nobody else’s', async () => {
  const [bystander, flood] = [await open(), await open()]
  for (let sent = 0; sent < 400; sent++) flood.send({ event: 'pusher:ping', data: {} })
  assert.equal(await flood.ended(), 4100)
  const answered = flood.frames.filter(({ event }) => event === 'pusher:pong').length
  assert.ok(answered >= 300 && answered < 350, `${answered} answered`)
  assert.ok(await bystander.isOpen())

  const site = await open()
  await signIn(site, `site-${randomUUID()}`)
  for (let sent = 0; sent < 400; sent++) site.send({ event: 'pusher:ping', data: {} })
  assert.ok(await site.isOpen())
})

test('a socket that does not read is closed, and the others hear everything', async () => {
  const channel = conversation()
  const [reader, slow] = [await open(), await open()]
  await subscribe(reader, channel)
  await subscribe(slow, channel)
  const id = randomUUID()
  await signIn(slow, id)
  await slow.subscribe(`#server-to-user-${id}`)
  slow.socket.pause()
  // The system's own buffers take some megabytes first.
  const count = 150
  for (let sent = 0; sent < count; sent++) await server.trigger(channel, 'big', 'x'.repeat(90_000))
  await eventually(() => reader.frames.filter(({ event }) => event === 'big').length === count)
  await eventually(async () => !(await occupied()).includes(`#server-to-user-${id}`))
  assert.ok(await reader.isOpen())
})

test('a sign-in that was authorized before its login session ended is of no use afterwards', async () => {
  const id = randomUUID()
  const [held, signedIn] = [await open(), await open()]
  const authorized = server.authenticateUser(held.id, { id })
  await signIn(signedIn, id)
  await server.terminateUserConnections(id)
  assert.equal(await signedIn.ended(), 4009)
  held.send({ event: 'pusher:signin', data: authorized })
  assert.equal(await held.ended(), 4009)
  const fresh = await open()
  await signIn(fresh, id)
  assert.ok(await fresh.isOpen(), 'whoever is authorized afterwards comes in')
})

test('a socket keeps the identity it signed in with', async () => {
  const socket = await open()
  const [id, other] = [randomUUID(), randomUUID()]
  await signIn(socket, id)
  socket.send({ event: 'pusher:signin', data: server.authenticateUser(socket.id, { id: other }) })
  assert.equal(await socket.subscribe(`#server-to-user-${other}`), failed)
  await server.terminateUserConnections(id)
  assert.equal(await socket.ended(), 4009)
})

/** Sends it and returns what came back until the connection was closed. */
async function request(...parts: string[]) {
  const { hostname, port } = new URL(env('SOKETI_URL'))
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk)).on('error', () => {})
  for (const part of parts) socket.write(part)
  await once(socket, 'close', { signal: AbortSignal.timeout(5000) })
  return answer
}

const http = (line: string, ...headers: string[]) =>
  `${[`${line} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`

test('requests that nobody signed are refused before their body is read', async () => {
  const before = pid()
  const app = `/apps/${env('SOKETI_APP_ID')}`
  for (const path of [
    `${app}/events`,
    `${app}/batch_events`,
    `${app}/users/x/terminate_connections`,
    '/apps/x/events',
  ])
    for (const query of [
      '',
      '?auth_signature=x',
      '?auth_signature=a&auth_signature=b',
      '?%ea%ba%5a%ba=%',
      '?__proto__=x',
    ]) {
      const answer = await request(http(`POST ${path}${query}`, 'Content-Length: 1000000000'), '{')
      assert.match(answer, /^HTTP\/1.1 401 /, path + query)
    }
  for (const path of [
    `${app}/channels`,
    `${app}/channels/x`,
    `${app}/channels/presence-x/users`,
    '/apps/x/channels',
  ])
    assert.match(await request(http(`GET ${path}?auth_signature=x`)), /^HTTP\/1.1 401 /, path)
  for (const line of ['GET /nothing', 'DELETE /apps', 'POST /', 'OPTIONS /app/x', 'GET /app/x'])
    assert.match(await request(http(line, 'Content-Length: 0')), /^HTTP\/1.1 404 /, line)
  assert.equal(pid(), before)
  assert.ok(await (await open()).isOpen())
})

test('a connection with an unknown key is ended', async () => {
  for (const key of ['x', '%00', '__proto__', 'x'.repeat(2000), `${env('SOKETI_APP_KEY')}x`]) {
    const socket = await RawSocket.open(env('SOKETI_URL'), key)
    assert.equal(await socket.ended(), 4001, key)
  }
})

test('Soketi ends where it cannot listen', async () => {
  const taken = createTcpServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const address = taken.address()
  const packages = folderOf('soketi')
  const service = soketi({
    packages,
    node: await soketiNode(packages, () => {}),
    host: '127.0.0.1',
    port: address && typeof address === 'object' ? address.port : await freePort(),
    app: { id: 'app', key: 'key', secret: 'secret' },
    webhookUrl: 'http://127.0.0.1:1/',
    logDir: parley.dataDir,
    env: parley.env,
  })
  const child = await service.spawn()
  assert.deepEqual(await once(child, 'exit', { signal: AbortSignal.timeout(10_000) }), [1, null])
  assert.match((await service.explain?.()) ?? '', /Soketi cannot listen at 127\.0\.0\.1, port \d+\./)
  taken.close()
})

const isLinux = process.platform === 'linux'

test('Soketi gets no settings but its own', { skip: !isLinux }, () => {
  const variables = readFileSync(`/proc/${pid()}/environ`, 'utf8').split('\0')
  const names = variables.map((variable) => variable.split('=')[0] ?? '').filter(Boolean)
  assert.ok(names.includes('SOKETI_DEFAULT_APP_SECRET') && names.includes('PATH'))
  for (const name of ['AUTH_SECRET', 'DATABASE_URL', 'OTHERS_SECRET', 'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY'])
    assert.ok(!names.includes(name), name)
})

test('Soketi opens no port but its own two', { skip: !isLinux }, () => {
  const inodes = readdirSync(`/proc/${pid()}/fd`).flatMap((fd) => {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(link(`/proc/${pid()}/fd/${fd}`)) ?? []
    return inode ?? []
  })
  const open = (table: string) =>
    readFileSync(`/proc/${pid()}/net/${table}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.includes(fields[9] ?? ''))
  assert.deepEqual(open('udp'), [])
  const listening = open('tcp').filter(([, , , state]) => state === '0A')
  assert.deepEqual(
    listening.map(([, address]) => address?.split(':')[0]),
    ['0100007F', '0100007F'],
    'both on loopback',
  )
})

function link(path: string) {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

test('a signed call keeps its connection for the next one, and any other is closed', async () => {
  const agent = new Agent({ keepAlive: true })
  const config = { host: '127.0.0.1', port: new URL(env('SOKETI_URL')).port, agent }
  const ids = { appId: env('SOKETI_APP_ID'), key: env('SOKETI_APP_KEY') }
  const kept = () => Object.values(agent.freeSockets).flat().length
  const channels = (secret: string) =>
    new PusherServer({ ...config, ...ids, secret }).get({ path: '/channels' })
  for (let call = 0; call < 3; call++) {
    await (await channels(env('SOKETI_APP_SECRET'))).json()
    await eventually(() => kept() === 1)
  }
  await assert.rejects(channels('wrong'))
  await eventually(() => kept() === 0)
  agent.destroy()
})
