import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { database } from '@/db/connection'
import { openCrowd } from './bench/crowd'
import { ask, call } from './bench/http'
import { measureScripts, type Script, withEmptySite } from './bench/javascript'
import { measureLatency } from './bench/latency'
import { measureLoad } from './bench/load'
import { type TwoPeople, twoPeople } from './bench/people'
import { memoryOfTree } from './bench/processes'
import { openReceiver } from './bench/receiver'
import { makeGuests, measureClients, openStreams, reachAll } from './bench/streams'
import type { Parley } from './parley'
import { removeDataDir, startTemporaryParley, temporaryEnv } from './temporary'

const root = fileURLToPath(new URL('..', import.meta.url))
const rounds = 500
const loadSeconds = 4
const clientRounds = 100
const crowd = 500

const wanted = process.argv.slice(2)
const isWanted = (part: string) => !wanted.length || wanted.includes(part)

process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))
if (['latency', 'load', 'scripts', 'clients', 'streams'].some(isWanted)) await measureSite()
if (isWanted('memory')) await memoryAtRest()
process.exit()

async function measureSite() {
  const parley = await startTemporaryParley({ env: { PARLEY_LIMITS: 'off' } })
  try {
    // The bare parts run here, on the same database and the same Soketi.
    Object.assign(process.env, parley.env)
    const people = await twoPeople(parley.url)
    if (isWanted('latency')) await latency(parley, people)
    if (isWanted('load')) await load(parley, people)
    if (isWanted('scripts')) await scripts(parley, people)
    if (isWanted('clients')) await clients(parley, people)
    if (isWanted('streams')) await streams(parley, people)
    await database().$client.end()
  } finally {
    await parley.stop()
  }
}

async function latency({ url, env }: Parley, people: TwoPeople) {
  const { SOKETI_URL = '', SOKETI_APP_KEY = '' } = env
  const receiver = await openReceiver(
    url,
    SOKETI_URL,
    SOKETI_APP_KEY,
    people.bob.token,
    people.conversationId,
  )
  const times = await measureLatency(url, people, receiver, rounds)
  receiver.close()
  title(`A message's way, ${times.api.length} times each, in ms`, 'p50', 'p95', 'p99')
  const rows = {
    'sent by the API → received by the other': times.api,
    'sent by the page’s form, no JavaScript → received': times.form,
    'database transaction alone': times.transaction,
    'Soketi alone, trigger → received': times.trigger,
  }
  for (const [name, sorted] of Object.entries(rows))
    row(name, ...[0.5, 0.95, 0.99].map((part) => percentile(sorted, part).toFixed(2)))
  const bare = percentile(times.transaction, 0.5) + percentile(times.trigger, 0.5)
  const ratio = (sorted: number[]) => (percentile(sorted, 0.5) / bare).toFixed(2)
  row('p50 by the API ÷ the bare parts together (aim: at most 3)', ratio(times.api))
  row('p50 by the form ÷ the bare parts together', ratio(times.form))
}

async function load({ url, parts }: Parley, { ada, conversationId }: TwoPeople) {
  const expect =
    (path: string, status: number, headers = {}) =>
    async () => {
      const answer = await ask(url + path, { headers })
      if (answer.status !== status) throw new Error(`${path} answered ${answer.status}.`)
    }
  const send = `${url}/api/conversations/${conversationId}/messages`
  const loads = {
    'conversation page, 50 messages': expect(`/c/${conversationId}`, 200, { cookie: ada.cookie }),
    'send by the API, all into one conversation': () => call(send, { body: 'Hello' }, ada.token),
    'for scale: log-in page': expect('/login', 200),
    'for scale: an unknown path of the API': expect('/api/nothing', 404),
  }
  title(`16 clients for ${loadSeconds} s each`, 'a second', 'CPU ms')
  for (const [name, ask] of Object.entries(loads)) {
    const { perSecond, processorMs } = await measureLoad(ask, loadSeconds, parts.site?.pid)
    row(name, perSecond.toFixed(0), processorMs.toFixed(1))
  }
  title('Memory right after that load, PSS', 'MB')
  for (const [name, part] of Object.entries(parts)) row(name, memoryOfTree(part.pid).toFixed(0))
}

async function scripts({ url }: Parley, { ada, conversationId }: TwoPeople) {
  const [login = []] = await measureScripts([`${url}/login`], '')
  const [conversation = []] = await measureScripts([`${url}/c/${conversationId}`], ada.cookie)
  const [empty = []] = await withEmptySite(root, (url) => measureScripts([url], ''))
  const size = (scripts: Script[]) => scripts.reduce((sum, { bytes }) => sum + bytes, 0)
  const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1)
  title('Script files that Chromium loads, each gzipped (level 9)', 'KB', 'above')
  row('an empty page of the framework', kilobytes(size(empty)))
  for (const [name, scripts] of Object.entries({
    '/login (aim: at most 5 above)': login,
    '/c/<id>, pusher-js included (aim: at most 35 above)': conversation,
  }))
    row(name, kilobytes(size(scripts)), kilobytes(size(scripts) - size(empty)))
  if (wanted.includes('chunks'))
    for (const [name, scripts] of Object.entries({ empty, login, conversation })) console.log(name, scripts)
}

async function clients({ url, env }: Parley, { ada }: TwoPeople) {
  const { SOKETI_URL = '', SOKETI_APP_KEY = '' } = env
  const times = await measureClients(url, SOKETI_URL, SOKETI_APP_KEY, ada.cookie, clientRounds)
  const pusher = percentile(times.Pusher ?? [], 0.5)
  title(`Sent into a room → had by each client, ${clientRounds} times, in ms`, 'p50', 'p95', '÷ Pusher')
  for (const [name, sorted] of Object.entries(times))
    row(
      name,
      ...[0.5, 0.95].map((part) => percentile(sorted, part).toFixed(2)),
      (percentile(sorted, 0.5) / pusher).toFixed(2),
    )
}

async function streams({ url, parts }: Parley, { conversationId }: TwoPeople) {
  const site = () => memoryOfTree(parts.site?.pid)
  const tokens = await makeGuests(crowd)
  title(`${crowd} streams`)
  const before = site()
  const idle = await openStreams(url, tokens, (index) => `idle-${index}`)
  await sleep(5000)
  row(
    'more memory of the site with them idle, a room each, MB (aim: below 150)',
    (site() - before).toFixed(0),
  )
  row('connections of the database that are not idle', String(await busyConnections()))
  for (const { response } of idle) response.destroy()
  const together = await openStreams(url, tokens, () => 'crowd')
  await sleep(5000)
  const [sender] = await makeGuests(1)
  const say = (body: string) => call(`${url}/api/room/crowd`, { body }, sender)
  const all = await openCrowd(crowd, conversationId)
  const times: Record<'streams' | 'soketi', number[]> = { streams: [], soketi: [] }
  for (let round = 0; round < 10; round++) {
    times.streams.push(await reachAll(together, say))
    times.soketi.push(await all.reachAll())
  }
  for (const list of Object.values(times)) list.sort((one, other) => one - other)
  row('in one room: the last has a message after, p50 in ms', percentile(times.streams, 0.5).toFixed(0))
  row('Soketi alone: the last of as many Pusher clients, p50 in ms', percentile(times.soketi, 0.5).toFixed(0))
  all.close()
  for (const { response } of together) response.destroy()
}

async function busyConnections() {
  const [row] = await database().execute<{ count: number }>(
    "select count(*)::int from pg_stat_activity where state <> 'idle' and pid <> pg_backend_pid() and backend_type = 'client backend'",
  )
  return row?.count
}

/** A real `npm start`, with npm's own process, after a first visit. */
async function memoryAtRest() {
  const env = await temporaryEnv()
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const url = await readiness(npm)
    for (const path of ['/', '/login', '/api/health']) await ask(url + path)
    await sleep(5000)
    title('Memory of `npm start` at rest, PSS', 'MB')
    row(
      'npm, launcher, site, PostgreSQL and Soketi together (aim: below 500)',
      memoryOfTree(npm.pid).toFixed(0),
    )
  } finally {
    if (npm.kill()) await once(npm, 'exit')
    removeDataDir(env.PARLEY_DATA_DIR ?? '')
  }
}

function readiness(npm: ChildProcess) {
  return new Promise<string>((resolve, reject) => {
    let output = ''
    npm.stdout?.on('data', (chunk) => {
      output += chunk
      const [, url] = /ready at (\S+)/.exec(output) ?? []
      if (url) resolve(url)
    })
    npm.once('exit', () => reject(new Error(`npm start ended.\n${output}`)))
  })
}

function title(text: string, ...columns: string[]) {
  console.log()
  row(text, ...columns)
}

function row(name: string, ...cells: string[]) {
  console.log(name.padEnd(72) + cells.map((cell) => cell.padStart(9)).join(''))
}

function percentile(sorted: number[], part: number) {
  return sorted[Math.ceil(sorted.length * part) - 1] ?? Number.NaN
}
