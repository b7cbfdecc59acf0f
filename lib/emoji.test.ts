import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toEmoji } from './emoji'

const selector = '\uFE0F'

test('an emoji of any kind is one emoji', () => {
  const kinds = {
    'one character': '👍',
    'with a selector': `❤${selector}`,
    keycaps: `1${selector}\u20E3`,
    'the number sign as a keycap': `#${selector}\u20E3`,
    flag: '🇦🇹',
    'flag of a region': '🏴󠁧󠁢󠁳󠁣󠁴󠁿',
    'skin tone': '👍🏽',
    'skin tone on a character that is shown as text': '☝🏽',
    family: '👨‍👩‍👧‍👦',
    'skin tones in a sequence': '👩🏽‍🤝‍👨🏿',
    'selectors in a sequence': `👁${selector}‍🗨${selector}`,
    'profession with a skin tone': `🕵🏽‍♂${selector}`,
  }
  for (const [kind, emoji] of Object.entries(kinds)) assert.equal(toEmoji(emoji), emoji, kind)
})

test('a missing selector is added, wherever it belongs', () => {
  for (const emoji of ['❤️', '☺️', '1️⃣', '*️⃣', '❤️‍🔥', '🏳️‍🌈', '🏴‍☠️', '👁️‍🗨️', '🕵️‍♀️', '⛹🏻‍♂️'])
    assert.equal(toEmoji(emoji.replaceAll(selector, '')), emoji)
  // One of the two is there.
  assert.equal(toEmoji(`👁‍🗨${selector}`), '👁️‍🗨️')
})

test('anything else is no emoji', () => {
  const others = {
    nothing: '',
    'a letter': 'a',
    'a digit': '1',
    'a digit with a selector': `1${selector}`,
    'two emoji': '👍👍',
    'an emoji and a letter': '👍a',
    'an emoji after a space': ' 👍',
    'an emoji on a line of its own': '👍\n',
    'shown as text': '❤\uFE0E',
    'half of a flag': '🇦',
    'no flag of a country': '🇽🇽',
    'a selector alone': selector,
    'a joiner alone': '\u200D',
    'a sequence that nobody has drawn': '👍‍👍',
    'half of a character': '\uD83D',
    'a copyright sign shown as text': '©\uFE0E',
  }
  for (const [kind, text] of Object.entries(others)) assert.equal(toEmoji(text), undefined, kind)
})
