import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shownName } from './users'

const name = (firstName: string | null, lastName: string | null = null) =>
  shownName({ username: 'mallory', firstName, lastName })

test('the shown name is first and last name, or the username', () => {
  assert.equal(name('Ada', 'Lovelace'), 'Ada Lovelace')
  assert.equal(name(null, 'Мария'), 'Мария')
  assert.equal(name(null), 'mallory')
})

test('the username is shown instead of a stored name that breaks the rules', () => {
  for (const bad of ['bob: I resign', 'bob\u202e', '\u3164', 'bob\u200b', 'a\u2028* bob joined', '\u0301'])
    for (const shown of [name(bad), name('Ada', bad), name(bad, 'King')])
      assert.equal(shown, 'mallory', JSON.stringify(bad))
})
