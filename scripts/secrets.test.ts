import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, test } from 'node:test'
import { loadSecrets } from './secrets'

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-secrets-'))
})
afterEach(() => rmSync(dir, { recursive: true }))

test('generates secrets once, readable by their owner only', () => {
  const secrets = loadSecrets(dir)
  assert.deepEqual(loadSecrets(dir), secrets)
  assert.equal(statSync(join(dir, 'secrets.json')).mode & 0o777, 0o600)
  assert.equal(Buffer.from(secrets.serverActionsKey, 'base64').length, 32)
  for (const word of [secrets.soketiAppId, secrets.soketiAppKey, secrets.soketiAppSecret])
    assert.match(word, /^[a-z]/, 'Soketi would parse digits as a number')
})

test('two sites have different secrets', () => {
  const { soketiAppSecret } = loadSecrets(dir)
  rmSync(join(dir, 'secrets.json'))
  assert.notEqual(loadSecrets(dir).soketiAppSecret, soketiAppSecret)
})

test('does not generate new secrets if a database exists, because its password is lost', () => {
  mkdirSync(join(dir, 'postgres'))
  assert.throws(() => loadSecrets(dir), /secrets\.json is missing/)
})

test('reports a damaged file', () => {
  writeFileSync(join(dir, 'secrets.json'), '{"postgresPassword": "x"')
  assert.throws(() => loadSecrets(dir), /secrets\.json is damaged/)
})
