import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mentionNames, trimmedName } from './mention-names'

const finds = (body: string, names: string[]) => assert.deepEqual(mentionNames(body), names, body)

test('usernames are found at word boundaries, in lower case and each once', () => {
  finds('@Ada: ask @bob.b-2_x or (@ADA)!', ['ada', 'bob.b-2_x'])
  finds('*@ada*, ~@bob~ and _see @cleo_', ['ada', 'bob', 'cleo'])
  finds('> @ada said\n@bob', ['ada', 'bob'])
  finds('ada@example.org, a.org/@ada, https://a.org/@ada, @@ada, é@ada, @adaé', [])
  finds('ada', [])
})

test('nothing inside code is a mention', () => {
  finds('`@ada` and `ask @bob now` but @cleo', ['cleo'])
  finds('```\n@ada\n```\n@bob', ['bob'])
  finds('> `@ada`', [])
})

test('punctuation after a name may be part of it', () => {
  finds('@ada.', ['ada', 'ada.'])
  finds('@ada_-, hello', ['ada', 'ada_', 'ada_-'])
  assert.equal(trimmedName('Ada_-'), 'ada')
})

test('names of an impossible length are left out, and no more than 50 are found', () => {
  finds(`@ab, @${'a'.repeat(33)}, @${'b'.repeat(32)}`, ['b'.repeat(32)])
  finds('@ab.', ['ab.'])
  assert.equal(mentionNames(`@ada${'.'.repeat(4000)}`).length, 30)
  const all = Array.from({ length: 60 }, (_, index) => `name${index}`)
  finds(all.map((name) => `@${name}`).join(' '), all.slice(0, 50))
})
