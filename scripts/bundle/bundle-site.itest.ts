import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { newDatabase } from '@/testing/databases'
import { eventually } from '@/testing/eventually'
import { submitForm } from '@/testing/forms'
import { request } from '@/testing/http'
import { unique } from '@/testing/people'
import { freePort } from '../ports'
import { makeDataDir, removeDataDir } from '../temporary'
import { bundleSite } from './bundle-site'

const folder = makeDataDir()
const target = join(folder, 'site')
const files = () =>
  readdirSync(target, { recursive: true, encoding: 'utf8' })
    .map((name) => ({ name, stat: statSync(join(target, name)) }))
    .filter(({ stat }) => stat.isFile())
const program = (name: string, env: Record<string, string>) =>
  [process.execPath, [join(target, name)], { cwd: '/', env: { ...process.env, ...env } }] as const

before(() => bundleSite(target, process.env, () => {}))
after(() => removeDataDir(folder))

test('a bundle is small', () => {
  const bytes = files().reduce((sum, { stat }) => sum + stat.size, 0)
  assert.ok(bytes < 80e6, `${bytes}`)
})

test('a bundle migrates a database', async () => {
  const DATABASE_URL = await newDatabase()
  const { stdout } = await promisify(execFile)(...program('migrate.mjs', { DATABASE_URL }))
  assert.match(stdout, /up to date/)
})

test('a bundle prints a link to set the site up', async () => {
  const DATABASE_URL = await newDatabase()
  await promisify(execFile)(...program('migrate.mjs', { DATABASE_URL }))
  const AUTH_URL = 'https://chat.example.org'
  const { stdout } = await promisify(execFile)(...program('operator.mjs', { DATABASE_URL, AUTH_URL }))
  assert.match(stdout, /https:\/\/chat\.example\.org\/setup\/[\w-]{43}\n$/)
})

test('a bundle starts the site, needs no other file, changes none of its own, and stops', async () => {
  const before = files()
  const port = await freePort()
  const site = `http://127.0.0.1:${port}`
  const child = spawn(...program('server.mjs', { PORT: String(port) }))
  const exited = once(child, 'exit')
  after(() => child.kill('SIGKILL'))
  const health = () =>
    request('/api/health', { site }).then(
      ({ status }) => status,
      () => undefined,
    )
  await eventually(async () => (await health()) === 200, 30_000)
  for (const path of ['/', '/login', '/styles.css', '/icon.svg', '/api/docs'])
    assert.equal((await request(path, { site })).status, 200, path)
  const values = { username: `ada-${unique()}`, password: 'long enough' }
  assert.equal((await submitForm('/register', 'Create account', values, { site })).status, 303)
  child.kill('SIGTERM')
  assert.deepEqual(await exited, [0, null])
  const changed = files().filter(({ name, stat }) => {
    const old = before.find((one) => one.name === name)
    return old?.stat.mtimeMs !== stat.mtimeMs
  })
  assert.deepEqual(changed, [])
})
