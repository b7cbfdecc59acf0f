import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isToken, makeToken, selectorOf } from './tokens'

test('a token is found by its first part, and only the whole token is right', () => {
  const { token, stored } = makeToken()
  assert.equal(selectorOf(token), stored.selector)
  assert.equal(isToken(token, stored), true)
  const other = token.slice(0, -1) + (token.endsWith('A') ? 'E' : 'A')
  assert.equal(selectorOf(other), stored.selector)
  assert.equal(isToken(other, stored), false)
})

test('what is stored does not contain the secret part', () => {
  const { token, stored } = makeToken()
  assert.ok(!JSON.stringify(stored).includes(token.slice(stored.selector.length)))
})

test('anything else is no token', () => {
  for (const text of ['', 'a', '../setup', 'ä'.repeat(43), `${'a'.repeat(43)}\n`, 'a'.repeat(44)])
    assert.equal(selectorOf(text), undefined, text)
})
