import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { Refusal } from './errors'
import * as fields from './fields'

const emoji = '😀'
const controlCharacters = ['\0', '\x01', '\x0b', '\r', '\x1b', '\x7f', '\x85', '\x9f']
const halves = ['\ud800', 'a\udc00b', '\udc00\ud800']

/** The field's value, or its error sentence. */
function read(schema: z.ZodType, value: unknown) {
  try {
    return fields.check(z.object({ field: schema }), { field: value }).field
  } catch (error) {
    assert.ok(error instanceof Refusal)
    assert.equal(error.status, 422)
    return error
  }
}

const accepts = (schema: z.ZodType, value: unknown, stored = value) =>
  assert.deepEqual(read(schema, value), stored)

function refuses(schema: z.ZodType, value: unknown, sentence: RegExp = /\.$/) {
  const error = read(schema, value)
  assert.ok(error instanceof Refusal, `${JSON.stringify(value)?.slice(0, 60)} was accepted`)
  assert.match(error.errors?.field ?? '', sentence)
}

test('a username has 3 to 32 of letters, digits, _, - and .', () => {
  for (const name of ['ada', 'A.d-a_1', '...', 'x'.repeat(32)]) accepts(fields.username, name)
  for (const name of ['', 'ad', 'x'.repeat(33), 'a b', 'ädä', 'ada\n', ' ada', 'ada\0', 'a/b', '<b>'])
    refuses(fields.username, name)
  for (const value of [undefined, null, 7, {}, ['ada']]) refuses(fields.username, value, /Choose a username/)
})

test('a password has 8 characters to 72 bytes', () => {
  accepts(fields.newPassword, '12345678')
  accepts(fields.newPassword, 'x'.repeat(72))
  accepts(fields.newPassword, emoji.repeat(18))
  refuses(fields.newPassword, '1234567', /at least 8/)
  refuses(fields.newPassword, emoji.repeat(7), /at least 8/)
  refuses(fields.newPassword, 'x'.repeat(73), /72 bytes/)
  refuses(fields.newPassword, emoji.repeat(19), /72 bytes/)
  refuses(fields.newPassword, 'é'.repeat(37), /72 bytes/)
  refuses(fields.newPassword, '1234\x005678')
  refuses(fields.newPassword, 12345678)
})

test('a message has 1 to 4,000 characters, counted as code points', () => {
  accepts(fields.messageBody, 'x')
  accepts(fields.messageBody, 'x'.repeat(4000))
  accepts(fields.messageBody, emoji.repeat(4000))
  refuses(fields.messageBody, 'x'.repeat(4001), /4,000/)
  refuses(fields.messageBody, emoji.repeat(4001), /4,000/)
  for (const value of ['', ' ', '\n\t\n', '\u00a0', undefined, null, 5, {}])
    refuses(fields.messageBody, value, /Write a message/)
})

test('a line break of any kind is counted and stored as one character', () => {
  accepts(fields.messageBody, 'one\r\ntwo\r\n', 'one\ntwo\n')
  accepts(fields.messageBody, `${'\r\n'.repeat(3999)}x`, `${'\n'.repeat(3999)}x`)
})

test('a message keeps tabs, line breaks, spaces and HTML', () => {
  for (const body of ['\ta\n\n  b ', '<b>&amp;</b>', '👩‍👩‍👧 \u202eabc', '\ufeff x'])
    accepts(fields.messageBody, body)
})

test('other control characters are refused in messages, names and searches', () => {
  for (const schema of [
    fields.messageBody,
    fields.profile.firstName,
    fields.searchText,
    fields.nonce,
    fields.anyUsername,
  ])
    for (const bad of controlCharacters) refuses(schema, `a${bad}b`, /control characters/)
})

test('half of a surrogate pair, which PostgreSQL cannot store, is refused', () => {
  for (const schema of [fields.messageBody, fields.profile.firstName, fields.searchText, fields.nonce])
    for (const half of halves) refuses(schema, half)
})

test('a name is one line of at most 64 characters, and an empty one is null', () => {
  accepts(fields.profile.firstName, ' Ada ', 'Ada')
  accepts(fields.profile.firstName, emoji.repeat(64))
  for (const nothing of ['', '  ', null, undefined]) accepts(fields.profile.firstName, nothing, null)
  refuses(fields.profile.firstName, 'x'.repeat(65), /64/)
  refuses(fields.profile.firstName, 'Ada\nLovelace', /one line/)
  refuses(fields.profile.firstName, 7)
})

test('a name that imitates another is refused with a sentence, and white space becomes single spaces', () => {
  const { firstName } = fields.profile
  accepts(firstName, '\u3000Ada \u00a0 King ', 'Ada King')
  accepts(firstName, 'Zoe\u0308', 'Zoë')
  refuses(firstName, 'bob: I resign', /^Remove the colon/)
  refuses(firstName, 'bob\uff1a I resign', /^Remove the colon/)
  refuses(firstName, 'bob\u202e', /^Remove the invisible characters/)
  refuses(firstName, '\ufeff', /^Remove the invisible characters/)
  refuses(firstName, '\u0301', /^Put accents/)
})

test('a gender is one of four codes, as a number or a text', () => {
  for (const code of [0, 1, 2, 9]) {
    accepts(fields.profile.gender, code)
    accepts(fields.profile.gender, String(code), code)
  }
  accepts(fields.profile.gender, undefined, 0)
  for (const value of [3, -1, 1.5, '7', 'male', {}, [1], true]) refuses(fields.profile.gender, value)
})

test('a sequence number is whole and not negative, as a number or a text', () => {
  accepts(fields.seq, 0)
  accepts(fields.seq, '12', 12)
  accepts(fields.seq, Number.MAX_SAFE_INTEGER)
  for (const value of [
    -1,
    '-1',
    1.5,
    '1.5',
    'x',
    '',
    ' ',
    null,
    undefined,
    true,
    {},
    [1],
    Number.NaN,
    '1e400',
    2 ** 60,
  ])
    refuses(fields.seq, value)
})

test('a page holds 1 to 100', () => {
  accepts(fields.pageSize, '1', 1)
  accepts(fields.pageSize, 100)
  for (const value of [0, '101', -5, 1.5, 'all']) refuses(fields.pageSize, value)
})

test('a nonce is one line of 1 to 64 characters', () => {
  accepts(fields.nonce, 'x'.repeat(64))
  for (const value of ['', 'x'.repeat(65), 'a\nb', 5, {}]) refuses(fields.nonce, value)
})

test('only a UUID is an id', () => {
  assert.ok(fields.isId('3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f'))
  for (const value of ['', '1', 'x'.repeat(36), "' or 1=1", '3f1c2b1e-6a63-4f0e-9d3c-0a1b2c3d4e5f\n', '{}'])
    assert.ok(!fields.isId(value), value)
})

test('every faulty field is named with its first problem', () => {
  const schema = z.object({
    username: fields.username,
    password: fields.newPassword,
    body: fields.messageBody,
  })
  assert.throws(
    () => fields.check(schema, { username: 'a b', body: 'fine' }),
    (error: Refusal) => {
      assert.deepEqual(Object.keys(error.errors ?? {}), ['username', 'password'])
      return true
    },
  )
})

test('input that is not an object is refused with a sentence', () => {
  const schema = z.object({ username: fields.username })
  for (const input of [null, undefined, 'text', 7, [], true])
    assert.throws(() => fields.check(schema, input), { name: 'Refusal', status: 422 })
})
