import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mentionedNames } from './mentioned-names'

const [ada, bob] = ['ada', 'Bob.'].map((name) => ({ id: `id of ${name}`, username: name, name }))
const people = [ada, bob].flatMap((one) => one ?? [])
const namesIn = (body: string, mentions: string[]) => mentionedNames({ body, mentions }, people)

test('the mentioned people of the conversation are named as their mentions are shown', () => {
  assert.equal(namesIn('@ada @bob. @cleo', ['id of Bob.']), 'bob')
  assert.equal(namesIn('@ada @bob', []), undefined)
})

test('somebody who has left is named too, and not the people who are here', () => {
  assert.equal(namesIn('@ada @cleo.', ['id of cleo']), 'cleo')
  assert.equal(namesIn('@ada, @bob. and @cleo', ['id of ada', 'id of cleo']), 'ada bob cleo')
})
