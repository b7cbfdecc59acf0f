import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { Agent, get, type IncomingMessage } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createGuest } from '@/lib/guests'
import { startLoginSession } from '@/lib/login-sessions'
import type { Message } from '@/lib/messages'
import { call } from './http'
import { openReceiver } from './receiver'

const root = fileURLToPath(new URL('../..', import.meta.url))
// Not the one of the requests beside: every stream keeps its connection.
const agent = new Agent({ keepAlive: true })

export async function makeGuests(count: number): Promise<string[]> {
  const origin = { userAgent: null, address: null }
  const guest = async () => (await startLoginSession((await createGuest({}, origin)).id, 'api', origin)).token
  return Promise.all(Array.from({ length: count }, guest))
}

type Waiting = Map<string, (at: number) => void>

/** Looks for the texts that are waited for in what comes. */
function watch(stream: NodeJS.ReadableStream, waiting: Waiting) {
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    for (const [text, arrived] of waiting) if (chunk.includes(text)) arrived(performance.now())
  })
}

/** Opens a response that does not end, and resolves at its first part. */
export const openStream = (url: string, headers: Record<string, string>, waiting: Waiting = new Map()) =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      if (response.statusCode !== 200) return reject(new Error(`${url} answered ${response.statusCode}.`))
      response.once('data', () => resolve(response))
      response.on('error', () => {})
      watch(response, waiting)
    }).on('error', reject)
  })

/** A program that prints what is said, from its first line on. */
async function openProgram(command: string, args: string[], waiting: Waiting, env = {}) {
  const program = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  watch(program.stdout, waiting)
  await new Promise((resolve) => program.stdout.once('data', resolve))
  return program
}

/**
 * One message after another into a room, and how long each kind of client takes to have it.
 * @returns milliseconds by client, sorted
 */
export async function measureClients(
  url: string,
  realtime: string,
  key: string,
  cookie: string,
  rounds: number,
) {
  const [sender = '', pusherToken = '', curlToken = ''] = await makeGuests(3)
  const room = `bench-${randomUUID().slice(0, 8)}`
  const { conversationId } = await call<Message>(`${url}/api/room/${room}`, { body: 'first' }, sender)
  const readers: Record<string, Waiting> = { curl: new Map(), console: new Map(), 'live page': new Map() }
  const waitingOf = (name: string) => readers[name] ?? new Map()
  const receiver = await openReceiver(url, realtime, key, pusherToken, conversationId)
  const stream = `${url}/api/room/${room}?timeout=240`
  const curl = await openProgram(
    'curl',
    ['-sN', '-H', `Authorization: Bearer ${curlToken}`, stream],
    waitingOf('curl'),
  )
  const console = await openProgram(
    'npm',
    ['run', '-s', 'console', '--', url, '--room', room],
    waitingOf('console'),
  )
  const page = await openStream(`${url}/room/${room}/live`, { cookie }, waitingOf('live page'))
  const times: Record<string, number[]> = { Pusher: [], curl: [], console: [], 'live page': [] }
  for (let round = -10; round < rounds; round++) {
    const nonce = randomUUID()
    const began = performance.now()
    const arrivals = Object.entries(readers).map(([name, waiting]) =>
      arrival(waiting, nonce).then((at) => [name, at] as const),
    )
    const pusher = receiver.arrival(nonce).then((at) => ['Pusher', at] as const)
    await call(`${url}/api/room/${room}`, { body: nonce, nonce }, sender)
    for (const [name, at] of await Promise.all([pusher, ...arrivals]))
      if (round >= 0) times[name]?.push(at - began)
  }
  receiver.close()
  curl.kill()
  console.kill()
  page.destroy()
  for (const list of Object.values(times)) list.sort((one, other) => one - other)
  return times
}

function arrival(waiting: Waiting, text: string) {
  return new Promise<number>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('A message did not arrive within 10 s.')), 10_000)
    waiting.set(text, (at) => {
      clearTimeout(late)
      waiting.delete(text)
      resolve(at)
    })
  })
}

/** Every token's stream of a room: of one for all, or of one each. */
export async function openStreams(url: string, tokens: string[], roomOf: (index: number) => string) {
  const streams: { response: IncomingMessage; waiting: Waiting }[] = []
  for (let start = 0; start < tokens.length; start += 25)
    streams.push(
      ...(await Promise.all(
        tokens.slice(start, start + 25).map(async (token, index) => {
          const waiting: Waiting = new Map()
          const address = `${url}/api/room/${roomOf(start + index)}?timeout=240`
          return {
            waiting,
            response: await openStream(address, { authorization: `Bearer ${token}` }, waiting),
          }
        }),
      )),
    )
  return streams
}

/** How long a message takes until the last of all these streams has it, in ms. */
export async function reachAll(streams: { waiting: Waiting }[], send: (text: string) => Promise<unknown>) {
  const text = randomUUID()
  const began = performance.now()
  const arrivals = streams.map(({ waiting }) => arrival(waiting, text))
  const [last] = await Promise.all([Promise.all(arrivals).then((times) => Math.max(...times)), send(text)])
  return last - began
}
