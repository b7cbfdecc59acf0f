import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Parley } from '@/scripts/parley'
import { descendants } from '@/scripts/processes'
import { eventually } from '@/testing/eventually'
import { rawRequest, request } from '@/testing/http'
import { startOtherSite } from '@/testing/other-site'
import { person } from '@/testing/people'
import { readSiteLog } from '@/testing/site-log'
import { TestStream } from '@/testing/streams'

const token = 'a-token-of-the-metrics'
let site: Parley

before(async () => {
  site = await startOtherSite({ PARLEY_PROCESSES: '2', PARLEY_METRICS_TOKEN: token })
  await untilBothAnswer()
})
after(() => site.stop())

const primary = () => Number(site.services.site?.pid)
const workers = () => descendants(primary()).slice(1)

/** Sends requests on new connections. @throws if one of them fails */
async function visit(times = 20) {
  for (let time = 0; time < times; time++) {
    const { status } = await rawRequest({ site: site.url, method: 'GET', path: '/api/health' })
    assert.equal(status, 200)
  }
}

/** The metrics as lines of text. */
async function readMetrics() {
  const { text, status } = await request('/api/metrics', { site: site.url, token })
  assert.equal(status, 200)
  return text.trimEnd().split('\n')
}

/** The values of the label `process` that a metric has. */
const processesIn = (lines: string[], metric: string) =>
  lines.flatMap((line) => line.match(`^${metric}{process="(\\w+)"`)?.[1] ?? [])

const untilBothAnswer = () =>
  eventually(async () => {
    await visit()
    const counted = processesIn(await readMetrics(), 'parley_request_duration_seconds_count')
    return new Set(counted).size === 2
  }, 30_000)

test('the metrics of all processes are read at one address, those of one metric together', async () => {
  const lines = await readMetrics()
  assert.deepEqual(processesIn(lines, 'process_cpu_seconds_total').sort(), ['1', '2', 'primary'])
  const names = lines.filter((line) => line.startsWith('# TYPE')).map((line) => line.split(' ')[2] ?? '')
  assert.equal(new Set(names).size, names.length)
  const order = lines.map((line) => names.find((name) => line.replace(/^# \w+ /, '').startsWith(name)))
  const changes = order.filter((name, index) => name !== order[index - 1])
  assert.deepEqual(changes, names)
})

test('a killed process is replaced, and the other one answers meanwhile', async () => {
  const [first] = workers()
  process.kill(Number(first), 'SIGKILL')
  await eventually(() => !workers().includes(Number(first)))
  await visit()
  await untilBothAnswer()
  assert.equal(workers().length, 2)
  assert.match(readSiteLog(site.dataDir), /"event":"process".*Process \d of the site ended \(SIGKILL\)/)
})

test('a process that hangs gets no connections, is left out of the metrics, and is replaced', async () => {
  const [, second] = workers()
  process.kill(Number(second), 'SIGSTOP')
  await visit()
  assert.deepEqual(processesIn(await readMetrics(), 'process_cpu_seconds_total').length, 2)
  await eventually(() => !workers().includes(Number(second)), 30_000)
  await untilBothAnswer()
  assert.match(readSiteLog(site.dataDir), /Process \d of the site does not answer/)
})

test('no process is left when the primary is killed, and the site comes back', async () => {
  const before = [primary(), ...workers()]
  process.kill(Number(workers()[0]), 'SIGSTOP')
  process.kill(primary(), 'SIGKILL')
  await eventually(() => !before.some(exists))
  await eventually(() => site.services.site?.isUp && workers().length === 2, 30_000)
  await untilBothAnswer()
})

test('SIGTERM ends all processes within 10 s, with open streams and one that hangs', async () => {
  const ada = await person('ada')
  const options = { site: site.url, token: ada.token }
  const streams = await Promise.all(
    Array.from({ length: 4 }, () => TestStream.open('/api/room/lobby?timeout=60', options)),
  )
  const all = [primary(), ...workers()]
  process.kill(Number(workers()[0]), 'SIGSTOP')
  const began = performance.now()
  await site.stop()
  assert.ok(performance.now() - began < 10_000)
  assert.ok(!all.some(exists))
  for (const stream of streams) stream.close()
})

function exists(pid: number) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
