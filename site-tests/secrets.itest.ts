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

// These tests keep the whole output of a Parley of their own, and look for secrets in it.

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

/** Secret values, and a name for each. */
const secrets = new Map<string, string>()
/** Makes up a secret. */
const secret = (name: string) => {
  const value = `${name}-${unique()}`
  secrets.set(name, value)
  return value
}
/** Adds a value that the site made. */
const keep = (name: string, value: unknown) => {
  assert.ok(typeof value === 'string' && value.length > 8, `there is ${name}`)
  secrets.set(name, value)
  return value
}

/** The HTML of every response. */
const pages: string[] = []
let cookie = ''
const cookieHeader = (): Record<string, string> => (cookie ? { cookie } : {})

const send = (path: string, options: RequestOptions = {}) => request(path, { site, ...options })

async function open(path: string): Promise<string> {
  const { text } = await send(path, { headers: cookieHeader() })
  pages.push(text)
  return text
}

/** Opens a page, and fills in and posts a form of it. */
async function submit(path: string, button: string, values: Record<string, string>) {
  const { fields } = findForm(await open(path), button)
  const { text, headers } = await postForm(path, { ...fields, ...values }, { site, headers: cookieHeader() })
  pages.push(text)
  const [set] = headers.getSetCookie().filter((one) => one.startsWith('parley.session=ey'))
  if (set) {
    cookie = set.split(';')[0] ?? ''
    keep(`cookie of ${button}`, cookie.slice('parley.session='.length))
  }
}

const json = (body: object, token?: string): RequestOptions => ({ body, token })

test('no secret is logged, shown on a page or sent to browsers, whatever people do', async () => {
  // By pages.
  const username = `ada-${unique()}`
  const password = secret('password')
  await submit('/register', 'Create account', {
    username,
    password,
    firstName: '',
    lastName: '',
    gender: '0',
  })
  await submit('/settings', 'Change password', {
    currentPassword: secret('wrong current password'),
    newPassword: secret('new password, refused'),
  })
  const changed = secret('changed password')
  await submit('/settings', 'Change password', { currentPassword: password, newPassword: changed })
  await submit('/room/lobby', 'Send', { body: 'said in the lobby' })
  await submit('/settings', 'Log out', {})
  cookie = ''
  await submit('/login', 'Log in', { username, password: secret('wrong password') })
  await submit('/login', 'Log in', { username, password: changed })
  await open(`/people?q=${secret('search')}`)

  // By the API.
  const { token } = (await send('/api/login', json({ username, password: changed }))).body
  keep('token', token)
  const bob = `bob-${unique()}`
  const { token: bobsToken } = (
    await send('/api/register', json({ username: bob, password: secret('bob’s password') }))
  ).body
  keep('bob’s token', bobsToken)
  keep('guest token', (await send('/api/session', json({}))).body.token)
  await send('/api/login', json({ username, password: secret('wrong, by the API') }))
  await send('/api/register', json({ username, password: secret('of a taken name') }))
  await send('/api/session', json({ username, password: secret('wrong session') }))
  const invitation = await send('/api/invitations', json({ username, leave: true }, bobsToken))
  const { body } = await send(`/api/invitations/${invitation.body.id}`, json({ answer: 'accept' }, token))
  const path = `/api/conversations/${body.conversation.id}/messages`
  const sent = await send(path, json({ body: secret('message') }, token))
  assert.equal(sent.status, 201)
  await send(path, json({ body: `${secret('refused message')}\0` }, token))
  await send(path, { ...json({}, token), body: `{"body": "${secret('not JSON')}` })
  await send(`/api/users?q=${secret('search by the API')}`, { token })
  const signed = await send('/api/realtime/auth', json({ socket_id: socketId() }, token))
  keep('socket signature', signed.body.auth)
  await send('/api/me', { token: secret('no token') })
  await send('/api/realtime/webhook', { body: secret('webhook'), headers: { 'x-pusher-signature': 'x' } })
  await send('/api/auth/callback/credentials', { body: `token=${secret('no one-time token')}` })
  await send('/c/x', { headers: { cookie: `parley.session=${secret('no cookie')}` } })

  // Without the database, so that queries fail with errors that quote them.
  const running = JSON.parse(readFileSync(join(String(env.PARLEY_DATA_DIR), 'running.json'), 'utf8'))
  process.kill(running.services.postgres.pid, 'SIGKILL')
  const fails = async (path: string, options?: RequestOptions) => {
    const { status } = await send(path, options)
    return status >= 500
  }
  const failed = await Promise.all([
    fails(path, json({ body: secret('message of a failed request') }, token)),
    fails('/api/login', json({ username, password: secret('password of a failed login') })),
    fails(
      '/api/register',
      json({ username: `cyd-${unique()}`, password: secret('password of a failed registration') }),
    ),
    fails(`/people?q=${secret('search that failed')}`, { headers: { cookie } }),
    fails('/settings', { headers: { cookie } }),
  ])
  assert.ok(failed.some(Boolean), 'some requests failed')
  await eventually(() => output.includes('Failed query'), 10_000)
  await eventually(async () => (await send('/api/health')).status === 200, 30_000)

  // The error of a violated constraint quotes the row.
  const dataDir = String(env.PARLEY_DATA_DIR)
  const stored = loadSecrets(dataDir)
  const url = siteUrl(runningPort(dataDir), stored.postgresPassword)
  const sql = postgres(url, { max: 1, onnotice: () => {} })
  const [user] = await sql`select password_hash from users where username = ${username}`
  keep('password hash', user?.password_hash)
  const hashes = await sql`select token_hash from login_sessions where token_hash is not null`
  for (const { token_hash } of hashes) keep(`token hash ${token_hash.slice(0, 6)}`, token_hash)
  const row = secret('row')
  await assert.rejects(
    sql`insert into messages (conversation_id, sender_id, body, nonce) values (null, null, ${row}, 'n')`,
  )
  await sql.end()

  // The app's id and key are no secrets.
  const derived = { sitePassword: sitePassword(stored.postgresPassword), AUTH_SECRET: env.AUTH_SECRET }
  for (const [name, value] of Object.entries({ ...stored, ...derived }))
    if (!/AppId|AppKey/.test(name)) keep(name, value)

  assertNone('the output', output)
  const logs = filesOf(join(dataDir, 'logs'))
  assert.ok(logs.length >= 3, 'those of PostgreSQL, Soketi and the site')
  for (const file of logs) assertNone(file, readFileSync(file, 'utf8'))
  // A search is shown on the person's own page.
  for (const name of secrets.keys()) if (name.startsWith('search')) secrets.delete(name)
  for (const [index, page] of pages.entries()) assertNone(`page ${index}`, page)
  for (const file of bundles()) assertNone(file, readFileSync(file, 'latin1'))
})

test('scripts for browsers contain no name of a server setting and no server code', () => {
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
    assert.ok(!/postgres:\/\/|drizzle|bcrypt/.test(text), `${file} contains server code`)
  }
})

const filesOf = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => statSync(file).isFile())

const bundles = () => filesOf(join(String(env.PARLEY_BUILD_DIR), 'static'))

/** Checks that the text contains no secret. */
function assertNone(where: string, text: string) {
  for (const [name, value] of secrets) {
    const at = text.indexOf(value)
    assert.equal(at, -1, `${name} is in ${where}: ${text.slice(Math.max(0, at - 200), at + 50)}`)
  }
}
