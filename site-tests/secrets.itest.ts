import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import postgres from 'postgres'
import { type EnvSource, settingNames } from '@/lib/env'
import { loadSecrets } from '@/scripts/secrets'
import { runningPort, siteUrl } from '@/scripts/services/postgres'
import { sitePassword } from '@/scripts/services/site-role'
import { removeDataDir, temporaryEnv } from '@/scripts/temporary'
import { eventually } from '@/testing/eventually'
import { findForm, postForm } from '@/testing/forms'
import { type RequestOptions, request } from '@/testing/http'
import { socketId, unique } from '@/testing/people'

// A Parley of its own, all of whose output is kept: nothing that people keep to themselves may be in it.

let env: EnvSource
let site: string
let child: ChildProcess
let output = ''

before(async () => {
  env = await temporaryEnv({ AUTH_SECRET: `auth-${unique()}${unique()}${unique()}` })
  site = `http://127.0.0.1:${env.PORT}`
  child = spawn(process.execPath, ['--conditions=react-server', 'scripts/run.mjs', 'start'], {
    env: env as NodeJS.ProcessEnv,
    stdio: 'pipe',
  })
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  await eventually(() => output.includes('Parley is ready'), 60_000, 100)
})

after(async () => {
  child.kill('SIGTERM')
  await once(child, 'exit')
  removeDataDir(String(env.PARLEY_DATA_DIR))
})

/** What was typed, given out or made here, and by what name it is told where it is found. */
const secrets = new Map<string, string>()
const secret = (name: string) => {
  const value = `${name}-${unique()}`
  secrets.set(name, value)
  return value
}
const keep = (name: string, value: unknown) => {
  assert.ok(typeof value === 'string' && value.length > 8, `there is ${name}`)
  secrets.set(name, value)
  return value
}

/** Everything that was answered as a page. */
const pages: string[] = []
let cookie = ''
const cookieHeader = (): Record<string, string> => (cookie ? { cookie } : {})

async function asks(path: string, options: RequestOptions = {}) {
  return request(path, { site, ...options })
}

async function opens(path: string): Promise<string> {
  const { text } = await asks(path, { headers: cookieHeader() })
  pages.push(text)
  return text
}

/** Fills in a form of a page and sends it, as a browser without JavaScript does. */
async function fills(path: string, button: string, values: Record<string, string>) {
  const { fields } = findForm(await opens(path), button)
  const { text, headers } = await postForm(path, { ...fields, ...values }, { site, headers: cookieHeader() })
  pages.push(text)
  const [set] = headers.getSetCookie().filter((one) => one.startsWith('parley.session=ey'))
  if (set) {
    cookie = set.split(';')[0] ?? ''
    keep(`cookie of ${button}`, cookie.slice('parley.session='.length))
  }
}

const json = (body: object, token?: string): RequestOptions => ({ body, token })

test('what people do, right and wrong, leaves no secret in what is logged, shown or sent to browsers', async () => {
  // In pages.
  const username = `ada-${unique()}`
  const password = secret('password')
  await fills('/register', 'Create account', { username, password, firstName: '', lastName: '', gender: '0' })
  await fills('/settings', 'Change password', {
    currentPassword: secret('wrong current password'),
    newPassword: secret('new password, refused'),
  })
  const changed = secret('changed password')
  await fills('/settings', 'Change password', { currentPassword: password, newPassword: changed })
  await fills('/room/lobby', 'Send', { body: 'said in the lobby' })
  await fills('/settings', 'Log out', {})
  cookie = ''
  await fills('/login', 'Log in', { username, password: secret('wrong password') })
  await fills('/login', 'Log in', { username, password: changed })
  await opens(`/people?q=${secret('searched')}`)

  // Through the API.
  const { token } = (await asks('/api/login', json({ username, password: changed }))).body
  keep('token', token)
  const bob = `bob-${unique()}`
  const his = (await asks('/api/register', json({ username: bob, password: secret('his password') }))).body
  keep('his token', his.token)
  keep('guest token', (await asks('/api/session', json({}))).body.token)
  await asks('/api/login', json({ username, password: secret('wrong, by the API') }))
  await asks('/api/register', json({ username, password: secret('of a taken name') }))
  await asks('/api/session', json({ username, password: secret('wrong session') }))
  const invitation = await asks('/api/invitations', json({ username, leave: true }, his.token))
  const { body } = await asks(`/api/invitations/${invitation.body.id}`, json({ answer: 'accept' }, token))
  const path = `/api/conversations/${body.conversation.id}/messages`
  const said = secret('message')
  const sent = await asks(path, json({ body: said }, token))
  assert.equal(sent.status, 201)
  await asks(path, json({ body: `${secret('unsendable')}\0` }, token))
  await asks(path, { ...json({}, token), body: `{"body": "${secret('not JSON')}` })
  await asks(`/api/users?q=${secret('searched by the API')}`, { token })
  const signed = await asks('/api/realtime/auth', json({ socket_id: socketId() }, token))
  keep('socket signature', signed.body.auth)
  await asks('/api/me', { token: secret('no token') })
  await asks('/api/realtime/webhook', { body: secret('webhook'), headers: { 'x-pusher-signature': 'x' } })
  await asks('/api/auth/callback/credentials', { body: `token=${secret('no one-time token')}` })
  await asks('/c/x', { headers: { cookie: `parley.session=${secret('no cookie')}` } })

  // While the database is gone, so that every query fails with what it was about.
  const running = JSON.parse(readFileSync(join(String(env.PARLEY_DATA_DIR), 'running.json'), 'utf8'))
  process.kill(running.services.postgres.pid, 'SIGKILL')
  const lost = async (path: string, options?: RequestOptions) => {
    const { status } = await asks(path, options)
    return status >= 500
  }
  const failed = await Promise.all([
    lost(path, json({ body: secret('message lost') }, token)),
    lost('/api/login', json({ username, password: secret('password lost') })),
    lost('/api/register', json({ username: `cyd-${unique()}`, password: secret('registered in vain') })),
    lost(`/people?q=${secret('searched in vain')}`, { headers: { cookie } }),
    lost('/settings', { headers: { cookie } }),
  ])
  assert.ok(failed.some(Boolean), 'some of them met no database')
  await eventually(() => output.includes('Failed query'), 10_000)
  await eventually(async () => (await asks('/api/health')).status === 200, 30_000)

  // A query that breaks a rule of the database names the row.
  const dataDir = String(env.PARLEY_DATA_DIR)
  const stored = loadSecrets(dataDir)
  const url = siteUrl(runningPort(dataDir), stored.postgresPassword)
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const [user] = await sql`select password_hash from users where username = ${username}`
  keep('password hash', user?.password_hash)
  const hashes = await sql`select token_hash from login_sessions where token_hash is not null`
  for (const { token_hash } of hashes) keep(`token hash ${token_hash.slice(0, 6)}`, token_hash)
  const inVain = secret('row')
  await assert.rejects(
    sql`insert into messages (conversation_id, sender_id, body, nonce) values (null, null, ${inVain}, 'n')`,
  )
  await sql.end()

  // The app's id and key are no secrets.
  const derived = { sitePassword: sitePassword(stored.postgresPassword), AUTH_SECRET: env.AUTH_SECRET }
  for (const [name, value] of Object.entries({ ...stored, ...derived }))
    if (!/AppId|AppKey/.test(name)) keep(name, value)

  assertNone('the output', output)
  const logs = filesOf(join(dataDir, 'logs'))
  assert.ok(logs.length >= 3, 'of PostgreSQL, Soketi and the site')
  for (const file of logs) assertNone(file, readFileSync(file, 'utf8'))
  // What somebody searched for is on their own page.
  for (const name of secrets.keys()) if (name.startsWith('searched')) secrets.delete(name)
  for (const [index, page] of pages.entries()) assertNone(`page ${index}`, page)
  for (const file of bundles()) assertNone(file, readFileSync(file, 'latin1'))
})

test('no setting of the server is named in what browsers load', () => {
  const names = [...settingNames, 'NEXT_SERVER_ACTIONS_ENCRYPTION_KEY', 'PARLEY_SITE_URL'].filter((name) =>
    name.includes('_'),
  )
  assert.ok(names.includes('SOKETI_APP_SECRET') && names.includes('DATABASE_URL'))
  const files = bundles().filter((file) => file.endsWith('.js'))
  assert.ok(files.length > 5)
  for (const file of files) {
    const text = readFileSync(file, 'utf8')
    assert.deepEqual(
      names.filter((name) => text.includes(name)),
      [],
      file,
    )
    assert.ok(!/postgres:\/\/|drizzle|bcrypt/.test(text), `${file} holds the server's code`)
  }
})

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())

const bundles = () => filesOf(join(String(env.PARLEY_BUILD_DIR), 'static'))

function assertNone(where: string, text: string) {
  for (const [name, value] of secrets) {
    const at = text.indexOf(value)
    assert.equal(at, -1, `${name} is in ${where}: ${text.slice(Math.max(0, at - 200), at + 50)}`)
  }
}
