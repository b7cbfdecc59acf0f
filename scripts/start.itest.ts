import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EnvSource } from '@/lib/env'
import { eventually } from '@/testing/eventually'
import { serviceNames } from './parley'
import { descendants, isAlive, type ProcessRef } from './processes'
import { removeDataDir, temporaryEnv } from './temporary'

let env: EnvSource = {}
let npm: Started

before(async () => {
  env = await temporaryEnv()
  npm = await startAndWait()
})

after(async () => {
  await npm.stop()
  removeDataDir(String(env.PARLEY_DATA_DIR))
})

test('prints its address once, and answers there', async () => {
  assert.deepEqual(npm.output().match(/http:\S+/g), [`http://127.0.0.1:${env.PORT}`])
  assert.ok(await answers())
})

test('says how to become operator while nobody is', async () => {
  await eventually(() => npm.output().includes('To become one, run `npm run operator`.'), 10_000)
})

for (const name of serviceNames)
  test(`${name} is restarted within 30 s after a kill, and the other services keep running`, async () => {
    const before = running().services
    process.kill(Number(before[name]?.pid), 'SIGKILL')
    await eventually(
      () => npm.output().includes('is back') && running().services[name]?.pid !== before[name]?.pid,
      30_000,
    )
    await eventually(answers, 30_000)
    for (const other of serviceNames)
      if (other !== name) assert.deepEqual(running().services[other], before[other])
    npm.clearOutput()
  })

test('`npm run build` and `npm start` make the same build, so neither repeats it', async () => {
  const { code, output } = await start(env, ['run', 'build']).ended()
  assert.deepEqual([code, output], [0, 'The build is up to date.\n'])
})

test('a second start on the same data folder fails, and names the folder and the port', async () => {
  const { code, output } = await start().ended()
  assert.equal(code, 1)
  assert.match(
    output,
    new RegExp(`already runs on the data folder ${env.PARLEY_DATA_DIR}, at PORT ${env.PORT}`),
  )
  assert.ok(await answers())
})

test('a port in use is named with its setting', async () => {
  for (const setting of ['PORT', 'SOKETI_PORT']) {
    const other = await temporaryEnv()
    const server = createServer().listen(Number(other[setting]), '127.0.0.1')
    await once(server, 'listening')
    const { code, output } = await start(other).ended()
    server.close()
    removeDataDir(String(other.PARLEY_DATA_DIR))
    assert.equal(code, 1)
    assert.match(output, new RegExp(`Port ${other[setting]} .*Set ${setting} `))
  }
})

test('every invalid setting is listed', async () => {
  const faults = { PORT: 'many', DATABASE_URL: 'mysql://x', TRUST_PROXY: 'maybe', PARLEY_PROCESSES: 'few' }
  const { code, output } = await start({ ...env, ...faults }).ended()
  assert.equal(code, 1)
  for (const name of Object.keys(faults)) assert.match(output, new RegExp(`^ +${name}: expected `, 'm'))
})

test('a new start works after a kill -9 of everything', async () => {
  const { launcher, services } = running()
  for (const { pid } of [launcher, ...Object.values(services)]) process.kill(pid, 'SIGKILL')
  await npm.ended()
  npm = await startAndWait()
  assert.ok(await answers())
})

test('a new start ends the services that are left after a kill -9 of the launcher', async () => {
  const { launcher, services } = running()
  process.kill(launcher.pid, 'SIGKILL')
  await npm.ended()
  npm = await startAndWait()
  for (const service of Object.values(services)) assert.ok(!isAlive(service))
})

test('SIGTERM to npm ends every process', async () => {
  const pids = npm.tree()
  assert.ok(pids.length > 5, 'npm, launcher, site, Soketi and several processes of PostgreSQL')
  const began = Date.now()
  await npm.stop()
  assert.ok(Date.now() - began < 10_000)
  await eventually(() => !pids.some(exists), 2000)
})

interface Running {
  launcher: ProcessRef
  services: Record<string, ProcessRef>
}

const running = (): Running =>
  JSON.parse(readFileSync(join(String(env.PARLEY_DATA_DIR), 'running.json'), 'utf8'))

const answers = () =>
  fetch(`http://127.0.0.1:${env.PORT}/`).then(
    ({ status }) => status < 500,
    () => false,
  )

type Started = ReturnType<typeof start>

/** A real `npm start`, or another command of npm. */
function start(settings = env, command = ['start']) {
  const child = spawn('npm', [...command, '--silent'], { env: settings as NodeJS.ProcessEnv, stdio: 'pipe' })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const exit = once(child, 'close')
  return {
    output: () => output,
    clearOutput: () => {
      output = ''
    },
    tree: () => descendants(Number(child.pid)),
    ended: async () => ({ code: (await exit)[0] as number, output }),
    stop: async () => {
      child.kill('SIGTERM')
      await exit
    },
  }
}

async function startAndWait() {
  const started = start()
  const ended = started.ended().then(() => true)
  await eventually(async () => {
    assert.notEqual(await Promise.race([ended, sleep(0)]), true, `npm start ended:\n${started.output()}`)
    return started.output().includes('Parley is ready')
  }, 60_000)
  return started
}

function exists(pid: number) {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
