import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { Agent, get, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { call } from '../http'
import { arrivalOf, type Expected, noteArrival } from './arrivals'
import { root } from './child'
import type { Bench } from './context'
import { memoryOfTree } from './processes'
import { realtimeOf } from './servers'
import { openPusher } from './sockets'
import { median, percentile } from './statistics'

// Apart from the agent of the other requests, because every stream occupies a connection.
const agent = new Agent({ keepAlive: true })
const crowd = 500

interface Guest {
  token: string
  user: { id: string; username: string }
}

const makeGuests = (url: string, count: number) =>
  Promise.all(Array.from({ length: count }, () => call<Guest>(`${url}/api/session`, {})))

/** Searches the stream for the expected texts. */
function watch(stream: NodeJS.ReadableStream, expected: Expected) {
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    for (const text of expected.keys()) if (chunk.includes(text)) noteArrival(expected, text)
  })
}

/** Opens a streamed response, and resolves at its first chunk. */
const openStream = (url: string, headers: Record<string, string>, expected: Expected = new Map()) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}.`))
      response.once('data', () => resolve(response))
      response.on('error', () => {})
      watch(response, expected)
    }).on('error', reject)
  })

/** Starts a program that prints a room's messages, and resolves at its first output. */
async function openProgram(command: string, args: string[], expected: Expected, env = {}) {
  const program = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  watch(program.stdout, expected)
  await new Promise((resolve) => program.stdout.once('data', resolve))
  return program
}

/** The time until each kind of client has a message that is sent into a room. */
export async function measureClients({ servers, report, isQuick }: Bench) {
  const { parley, seeded } = servers
  const { url } = parley
  const [sender, pusher, terminal] = (await makeGuests(url, 3)) as [Guest, Guest, Guest]
  const room = `bench-${randomUUID().slice(0, 8)}`
  const send = (body: string) =>
    call<{ conversationId: string }>(`${url}/api/room/${room}`, { body, nonce: body }, sender.token)
  const { conversationId } = await send('first')
  const expected: Record<string, Expected> = {
    Pusher: new Map(),
    curl: new Map(),
    console: new Map(),
    'live page': new Map(),
  }
  const expectedBy = (name: string) => expected[name] ?? new Map()
  const person = { ...pusher.user, token: pusher.token, cookie: '' }
  await openPusher(realtimeOf(parley), person, [`private-conversation-${conversationId}`], (nonce) =>
    noteArrival(expectedBy('Pusher'), nonce),
  )
  const stream = `${url}/api/room/${room}?timeout=240`
  const authorization = `Authorization: Bearer ${terminal.token}`
  const curl = await openProgram('curl', ['-sN', '-H', authorization, stream], expectedBy('curl'))
  const console = await openProgram(
    'npm',
    ['run', '-s', 'console', '--', url, '--room', room],
    expectedBy('console'),
  )
  const cookie = seeded.pairs[0]?.sender.cookie ?? ''
  const page = await openStream(`${url}/room/${room}/live`, { cookie }, expectedBy('live page'))
  const times: Record<string, number[]> = {}
  for (let round = isQuick ? -5 : -10; round < (isQuick ? 20 : 100); round++) {
    const nonce = randomUUID()
    const began = performance.now()
    const arrivals = Object.entries(expected).map(async ([name, expected]) => {
      const at = await arrivalOf(expected, nonce)
      if (round >= 0) times[name] = [...(times[name] ?? []), at - began]
    })
    await Promise.all([send(nonce), ...arrivals])
  }
  curl.kill()
  console.kill()
  page.destroy()
  report.table(
    'Sent into a room → received by each kind of client, ms',
    ['p50', 'p95', '÷ Pusher'],
    Object.entries(times).map(([name, list]) => [
      name,
      median(list).toFixed(2),
      percentile(list, 0.95).toFixed(2),
      (median(list) / median(times.Pusher ?? [])).toFixed(2),
    ]),
  )
}

/** Hundreds of streams: the memory that they use while idle, and the time until the last of them has a message. */
export async function measureStreams({ servers, report }: Bench) {
  const { url, env, pids } = servers.parley
  const sql = postgres(env.DATABASE_URL ?? '', { max: 1 })
  const [sender, ...guests] = (await makeGuests(url, crowd + 1)) as [Guest, ...Guest[]]
  const tokens = guests.map(({ token }) => token)
  const before = memoryOfTree(pids.site)
  const idle = await openStreams(url, tokens, (index) => `idle-${index}`)
  await sleep(5000)
  const more = memoryOfTree(pids.site) - before
  const [busy] = await sql<{ count: number }[]>`select count(*)::int from pg_stat_activity
    where state <> 'idle' and pid <> pg_backend_pid() and backend_type = 'client backend'`
  await sql.end()
  for (const { response } of idle) response.destroy()
  const together = await openStreams(url, tokens, () => 'crowd')
  await sleep(5000)
  const say = (body: string) => call(`${url}/api/room/crowd`, { body }, sender.token)
  const times: number[] = []
  for (let round = 0; round < 10; round++) times.push(await reachAll(together, say))
  for (const { response } of together) response.destroy()
  report.table(
    `${crowd} streams`,
    [''],
    [
      ['more memory of the site with them idle, a room each, MB', more.toFixed(0)],
      ['connections of the database that are not idle', String(busy?.count)],
      ['in one room: the last has a message after, p50 in ms', median(times).toFixed(0)],
    ],
  )
}

/** Opens a stream for each token, in the room that `roomOf` names. */
async function openStreams(url: string, tokens: string[], roomOf: (index: number) => string) {
  const streams: { response: IncomingMessage; expected: Expected }[] = []
  for (let start = 0; start < tokens.length; start += 25)
    streams.push(
      ...(await Promise.all(
        tokens.slice(start, start + 25).map(async (token, index) => {
          const expected: Expected = new Map()
          const address = `${url}/api/room/${roomOf(start + index)}?timeout=240`
          return {
            expected,
            response: await openStream(address, { authorization: `Bearer ${token}` }, expected),
          }
        }),
      )),
    )
  return streams
}

/** The milliseconds until the last of these streams has a message. */
async function reachAll(streams: { expected: Expected }[], send: (text: string) => Promise<unknown>) {
  const text = randomUUID()
  const began = performance.now()
  const arrivals = streams.map(({ expected }) => arrivalOf(expected, text))
  const [last] = await Promise.all([Promise.all(arrivals).then((times) => Math.max(...times)), send(text)])
  return last - began
}
