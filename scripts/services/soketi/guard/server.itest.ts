import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { Agent } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { test } from 'node:test'
import { folderOf } from '@/scripts/services/install'
import { soketi as defineSoketi, soketiNode } from '@/scripts/services/soketi'
import { TestSoketi } from '@/scripts/services/test-soketi'
import { eventually } from '@/testing/eventually'

const isLinux = process.platform === 'linux'
const soketi = new TestSoketi({
  AUTH_SECRET: 'x'.repeat(32),
  OTHERS_SECRET: 'a secret',
  SOKETI_SHUTDOWN_GRACE_PERIOD: '0',
})

/** Sends the texts as they are. @returns the answer, when the connection is closed */
async function request(...texts: string[]) {
  const { hostname, port } = new URL(soketi.url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk) => (answer += chunk)).on('error', () => {})
  for (const text of texts) socket.write(text)
  await once(socket, 'close', { signal: AbortSignal.timeout(5000) })
  return answer
}

const http = (line: string, ...headers: string[]) =>
  `${[`${line} HTTP/1.1`, 'Host: x', ...headers].join('\r\n')}\r\n\r\n`

test('unsigned requests are refused before their body is read', async () => {
  const { pid } = soketi
  const app = `/apps/${soketi.setting('SOKETI_APP_ID')}`
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
  assert.equal(soketi.pid, pid)
  assert.ok(await (await soketi.open()).isOpen())
})

test('a signed call keeps its connection open for the next one, and an unsigned call closes it', async () => {
  const agent = new Agent({ keepAlive: true })
  const kept = () => Object.values(agent.freeSockets).flat().length
  const listChannels = (secret: string) => soketi.client({ agent, secret }).get({ path: '/channels' })
  for (let call = 0; call < 3; call++) {
    await (await listChannels(soketi.setting('SOKETI_APP_SECRET'))).json()
    await eventually(() => kept() === 1)
  }
  await assert.rejects(listChannels('wrong'))
  await eventually(() => kept() === 0)
  agent.destroy()
})

test('Soketi exits with an error if its port is in use', async () => {
  const occupant = createServer().listen(0, '127.0.0.1')
  await once(occupant, 'listening')
  const packages = folderOf('soketi')
  const service = defineSoketi({
    packages,
    node: await soketiNode(packages, () => {}),
    host: '127.0.0.1',
    port: (occupant.address() as AddressInfo).port,
    app: { id: 'app', key: 'key', secret: 'secret' },
    webhookUrl: 'http://127.0.0.1:1/',
    logDir: soketi.dataDir,
    env: soketi.env,
  })
  const child = await service.spawn()
  assert.deepEqual(await once(child, 'exit', { signal: AbortSignal.timeout(10_000) }), [1, null])
  assert.match((await service.explain?.()) ?? '', /Soketi cannot listen at 127\.0\.0\.1, port \d+\./)
  occupant.close()
})

test('Soketi gets only its own settings', { skip: !isLinux }, () => {
  const variables = readFileSync(`/proc/${soketi.pid}/environ`, 'utf8').split('\0')
  const names = variables.map((variable) => variable.split('=')[0] ?? '').filter(Boolean)
  assert.ok(names.includes('SOKETI_DEFAULT_APP_SECRET') && names.includes('PATH'))
  for (const name of ['AUTH_SECRET', 'DATABASE_URL', 'OTHERS_SECRET', 'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY'])
    assert.ok(!names.includes(name), name)
})

test('Soketi opens only its own two ports, both on loopback', { skip: !isLinux }, () => {
  const folder = `/proc/${soketi.pid}`
  const inodes = readdirSync(`${folder}/fd`).flatMap(
    (fd) => /^socket:\[(\d+)\]$/.exec(linkTarget(`${folder}/fd/${fd}`))?.[1] ?? [],
  )
  const openSockets = (protocol: string) =>
    readFileSync(`${folder}/net/${protocol}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => inodes.includes(fields[9] ?? ''))
  assert.deepEqual(openSockets('udp'), [])
  const listening = openSockets('tcp').filter(([, , , state]) => state === '0A')
  assert.deepEqual(
    listening.map(([, address]) => address?.split(':')[0]),
    ['0100007F', '0100007F'],
  )
})

function linkTarget(path: string) {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}
