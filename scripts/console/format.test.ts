import assert from 'node:assert/strict'
import { test } from 'node:test'
import { messageView } from '@/testing/views'
import { clean, colours, formatChange, formatMessage, formatNote, plain } from './format'

const message = (body: string, username = 'ada') =>
  messageView(1, {
    sender: { id: '1', username, name: 'Bob' },
    body,
    createdAt: new Date(2026, 0, 31, 9, 5).toISOString(),
  })

test('a message is a line with the time, the username and the text', () => {
  assert.equal(formatMessage(message('hello'), plain), '09:05 ada: hello')
  assert.equal(formatMessage(message('hello'), colours), '\x1b[2m09:05\x1b[0m \x1b[1mada:\x1b[0m hello')
})

test('further lines are indented, so that they cannot imitate another message', () => {
  for (const end of ['\n', '\u2028', '\u2029'])
    assert.equal(
      formatMessage(message(`one${end}09:06 Bob: two`), plain),
      '09:05 ada: one\n    09:06 Bob: two',
    )
})

test('a change is a note with the message’s time, of which further lines are indented', () => {
  const actor = { id: '2', username: 'bob', name: 'Bob' }
  const edited = message('one\n* bob left')
  assert.equal(
    formatChange({ what: 'edited', actor: edited.sender }, edited, plain),
    '* ada edited 09:05: one\n    * bob left',
  )
  const reacted = { what: 'reacted' as const, actor, emoji: '👍', added: true }
  assert.equal(formatChange(reacted, message(''), plain), "* bob 👍 ada's message of 09:05")
})

test('no text from the site controls the terminal or reorders its text', () => {
  const body = '\x1b[2J\x9b2Jgone\rover\x07\u202eyas\u200fx\u061cy\u2066z'
  assert.doesNotMatch(formatMessage(message(body, 'a\x1b[31m\nda\u202e'), plain), /[\p{Cc}\p{Bidi_Control}]/u)
  assert.doesNotMatch(formatNote(body, plain), /[\p{Cc}\p{Bidi_Control}]/u)
  assert.equal(clean('\u202eyas'), '�yas')
})

test('invisible characters are left out', () => {
  const hidden =
    '\u200b\u200c\u2060\ufeff\u00ad\u034f\u115f\u3164\uffa0\u2800\u180e\ufe0e\ufff9\u{e0041}\u{e0100}'
  assert.equal(clean([...hidden].join('x')), 'x'.repeat([...hidden].length - 1))
})

test('tabs become spaces, and emoji stay whole', () => {
  assert.equal(clean('a\tb 👩‍🚀 ❤️ é'), 'a    b 👩‍🚀 ❤️ é')
})
