import assert from 'node:assert/strict'
import { availableParallelism } from 'node:os'
import { test } from 'node:test'
import { type EnvSource, parseLaunchEnv, parseSiteEnv } from './env'

const site: EnvSource = {
  DATABASE_URL: 'postgres://parley@127.0.0.1:5432/parley',
  SOKETI_URL: 'http://127.0.0.1:6001',
  SOKETI_APP_ID: 'app',
  SOKETI_APP_KEY: 'key',
  SOKETI_APP_SECRET: 'secret',
  AUTH_SECRET: 'x'.repeat(32),
}

/** The names of the settings in the error. */
function faults(parse: (source: EnvSource) => unknown, source: EnvSource) {
  try {
    parse(source)
    return []
  } catch (error) {
    assert.equal((error as Error).name, 'EnvError')
    const lines = (error as Error).message.split('\n  ').slice(1)
    for (const line of lines) assert.match(line, /^\w+: expected /)
    return lines.map((line) => line.split(':')[0]).sort()
  }
}

test('no setting is required to start', () => {
  const expected = {
    PORT: 3000,
    SOKETI_PORT: 6001,
    PARLEY_DATA_DIR: '.data',
    PARLEY_STREAM_SECONDS: 240,
    PARLEY_PROCESSES: 1,
    PARLEY_LIMITS: 'on',
    TRUST_PROXY: false,
    HOST: undefined,
  }
  const parsed: Record<string, unknown> = parseLaunchEnv({})
  assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, parsed[name]])), expected)
})

test('an empty setting counts as not set', () => {
  assert.deepEqual(parseLaunchEnv({ PORT: '', DATABASE_URL: '', SOKETI_URL: '' }), parseLaunchEnv({}))
})

test('every faulty setting is listed at once', () => {
  const wrong = { PORT: '70000', DATABASE_URL: 'mysql://x', AUTH_SECRET: 'short', TRUST_PROXY: 'perhaps' }
  assert.deepEqual(faults(parseLaunchEnv, wrong), Object.keys(wrong).sort())
})

test('an external Soketi requires its app settings', () => {
  assert.deepEqual(faults(parseLaunchEnv, { SOKETI_URL: 'http://soketi:6001' }), [
    'SOKETI_APP_ID',
    'SOKETI_APP_KEY',
    'SOKETI_APP_SECRET',
  ])
})

test('the site requires every address and secret', () => {
  assert.deepEqual(faults(parseSiteEnv, {}), Object.keys(site).sort())
  assert.deepEqual(faults(parseSiteEnv, site), [])
})

test('ports, addresses and words that cannot work are refused', () => {
  const wrong: Record<string, string[]> = {
    PORT: ['0', '-1', '1.5', 'http', '65536'],
    SOKETI_PORT: ['x', '65536'],
    SOKETI_URL: ['soketi:6001', 'ws://x', 'not an address'],
    DATABASE_URL: ['localhost', 'http://x'],
    // Soketi would read it as a number.
    SOKETI_APP_ID: ['123', 'a b'],
    PARLEY_STREAM_SECONDS: ['0', 'ever', '1.5', '86401'],
    PARLEY_METRICS_TOKEN: ['x'.repeat(15)],
    AUTH_SECRET: ['x'.repeat(31)],
    PARLEY_PROCESSES: ['0', '-1', '1.5', '65', 'all'],
    PARLEY_LIMITS: ['yes'],
  }
  for (const [name, values] of Object.entries(wrong))
    for (const value of values)
      assert.deepEqual(faults(parseSiteEnv, { ...site, [name]: value }), [name], `${name}=${value}`)
})

test('the least and the most that is allowed is accepted', () => {
  const allowed = {
    PORT: ['1', '65535'],
    PARLEY_STREAM_SECONDS: ['1', '86400'],
    PARLEY_PROCESSES: ['1', '64', 'auto'],
    PARLEY_METRICS_TOKEN: ['x'.repeat(16)],
  }
  for (const [name, values] of Object.entries(allowed))
    for (const value of values)
      assert.deepEqual(faults(parseSiteEnv, { ...site, [name]: value }), [], `${name}=${value}`)
})

test('“auto” leaves one core to the other services', () => {
  const { PARLEY_PROCESSES } = parseLaunchEnv({ PARLEY_PROCESSES: 'auto' })
  assert.equal(PARLEY_PROCESSES, Math.max(availableParallelism() - 1, 1))
})
