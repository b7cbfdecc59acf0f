import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clean, colours, formatMessage, formatNote, plain } from './format'

const message = (body: string, name = 'Ada') => ({
  sender: { id: '1', username: 'ada', name },
  body,
  createdAt: new Date(2026, 0, 31, 9, 5).toISOString(),
})

test('a message is a line with the time, the name and what was said', () => {
  assert.equal(formatMessage(message('hello'), plain), '09:05 Ada: hello')
  assert.equal(formatMessage(message('hello'), colours), '\x1b[2m09:05\x1b[0m \x1b[1mAda:\x1b[0m hello')
})

test('its further lines are set in, so that none passes for another message', () => {
  for (const end of ['\n', '\u2028', '\u2029'])
    assert.equal(
      formatMessage(message(`one${end}09:06 Bob: two`), plain),
      '09:05 Ada: one\n    09:06 Bob: two',
    )
})

test('nothing from the site steers the terminal', () => {
  const body = '\x1b[2J\x9b2Jgone\rover\x07\u202eyas'
  assert.doesNotMatch(formatMessage(message(body, 'A\x1b[31m\nda'), plain), /[\p{Cc}\p{Bidi_Control}]/u)
  assert.doesNotMatch(formatNote(body, plain), /[\p{Cc}\p{Bidi_Control}]/u)
  assert.equal(clean('a\tb 👩‍🚀 é'), 'a    b 👩‍🚀 é')
})
