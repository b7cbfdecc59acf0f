import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Part, parseBody } from './formatting'

const tags = {
  bold: 'b',
  italic: 'i',
  strike: 's',
  quote: 'q',
  code: 'c',
  block: 'pre',
  address: 'a',
  mention: 'm',
}
/** The parts in one line, for example `a <b>bold</b> word`. */
const shown = (parts: Part[]): string =>
  parts
    .map((part) => {
      if (typeof part === 'string') return part
      const tag = tags[part.kind]
      return `<${tag}>${'text' in part ? part.text : shown(part.parts)}</${tag}>`
    })
    .join('')
const show = (body: string) => shown(parseBody(body))
const staysPlain = (...bodies: string[]) => {
  for (const body of bodies) assert.equal(show(body), body)
}

test('marks in pairs format the text between them', () => {
  assert.equal(show('a *bold* word'), 'a <b>bold</b> word')
  assert.equal(show('_italic_, ~gone~.'), '<i>italic</i>, <s>gone</s>.')
  assert.equal(show('(*two words*)'), '(<b>two words</b>)')
  assert.equal(show('*a* *b*'), '<b>a</b> <b>b</b>')
  assert.equal(show('“*Ünï*” 🎉*ok*🎉'), '“<b>Ünï</b>” 🎉<b>ok</b>🎉')
})

test('marks can be nested', () => {
  assert.equal(show('_a *b* c_'), '<i>a <b>b</b> c</i>')
  assert.equal(show('_*both*_'), '<i><b>both</b></i>')
  assert.equal(show('*_~all~_*'), '<b><i><s>all</s></i></b>')
  assert.equal(show('*use `a*b` here*'), '<b>use <c>a*b</c> here</b>')
})

test('of marks that cross or have no partner, the outer ones stay', () => {
  assert.equal(show('*a _b* c_'), '<b>a _b</b> c_')
  assert.equal(show('*a *b*'), '*a <b>b</b>')
  assert.equal(show('*a _b *c* d_'), '*a <i>b <b>c</b> d</i>')
  assert.equal(show('_open *bold*'), '_open <b>bold</b>')
})

test('marks inside words, paths and numbers, beside white space and repeated ones stay', () => {
  staysPlain('snake_case_names', '_private and other_name', '5*3*2', '2 * 3 * 4', 'über*ü*ber', '𝒜*b*𝒜')
  staysPlain('src/_private_/file', '/*note*/', '**bold**', '__init__', '~~gone~~', '* one\n* two', '***')
  staysPlain('*not\nbold*', '~/bin and ~/src', '¯\\_(ツ)_/¯', '_', '* *', '`', '``', 'don`t and won`t')
})

test('nothing inside code is formatted', () => {
  assert.equal(show('run `npm *test* @ada`!'), 'run <c>npm *test* @ada</c>!')
  assert.equal(show('```a `b` *c*```'), '```a <c>b</c> <b>c</b>```')
  assert.equal(show('so ```x = 1``` then'), 'so <c>x = 1</c> then')
  assert.equal(show('it`s *bold* isn`t'), 'it`s <b>bold</b> isn`t')
})

test('lines between three backticks are a block of code', () => {
  assert.equal(show('see\n```\na *b*\n\n> c\n```\nend'), 'see<pre>a *b*\n\n> c</pre>end')
  assert.equal(show('```js\nlet a\n```'), '<pre>let a</pre>')
  assert.equal(show('```let a = 1\nlet b```'), '<pre>let a = 1\nlet b</pre>')
  assert.equal(show('```\n1\n```\n```\n2\n```'), '<pre>1</pre><pre>2</pre>')
  staysPlain('```\nno end', '```\n\n```', '```js\n```')
})

test('lines that begin with > are a quote', () => {
  assert.equal(show('> one\n> *two*\nanswer'), '<q>one\n<b>two</b></q>answer')
  assert.equal(show('a\n\n> b\n>\n> > c'), 'a\n<q>b\n\n> c</q>')
  assert.equal(show('> ```\n> @ada\n> ```\n> d'), '<q><pre>@ada</pre>d</q>')
  staysPlain('>:(', 'a > b', '>b')
})

test('addresses are clickable, without the punctuation around them, and marks in them stay', () => {
  assert.equal(
    show('(https://a.org/_b_/*c), HTTP://B.org.'),
    '(<a>https://a.org/_b_/*c</a>), <a>HTTP://B.org</a>.',
  )
  assert.equal(show('*https://a.org*'), '<b><a>https://a.org</a></b>')
  assert.equal(show('https://a.org/@ada'), '<a>https://a.org/@ada</a>')
  staysPlain('https://', 'javascript:alert(1)', 'ftp://a.org')
})

test('mentions are found at word boundaries, without the punctuation after them', () => {
  assert.equal(show('@ada, ask @Bob.B-2.'), '<m>@ada</m>, ask <m>@Bob.B-2</m>.')
  assert.equal(show('.@ada (@bob) _hi @cleo_'), '.<m>@ada</m> (<m>@bob</m>) <i>hi <m>@cleo</m></i>')
  assert.equal(show('*@ada*: no'), '<b><m>@ada</m></b>: no')
  staysPlain('ada@example.org', '@ada@example.org', '@adaé', 'é@ada', '@', '@@ada', 'a.org/@ada')
})

/** The text that a parsed line was made from. */
const source = (parts: Part[]): string =>
  parts
    .map((part) => {
      if (typeof part === 'string') return part
      const mark = { bold: '*', italic: '_', strike: '~', code: '`' }[part.kind as 'bold'] ?? ''
      return mark + ('text' in part ? part.text : source(part.parts)) + mark
    })
    .join('')

test('of every short line, each character is shown or is one of a pair of marks', () => {
  let lines = ['']
  for (let length = 1; length <= 6; length++) {
    lines = lines.flatMap((line) => [...'a *_`@'].map((character) => line + character))
    for (const line of lines) assert.equal(source(parseBody(line)), line)
  }
})

test('a hostile text of 100,000 characters takes no long time', () => {
  const units = [
    '*',
    '`',
    '_*',
    '*a ',
    ' *a',
    'a* ',
    '*_~a ',
    '`a',
    '`a`a',
    ' `a ` b',
    '```\n',
    '```a\n',
    '> ',
    '> a\n',
  ]
  const more = [
    '> ```\n',
    '@',
    '@a',
    '@a.',
    ' @a.',
    '@a@',
    'http://',
    'http://.',
    '.',
    '\n',
    '"*',
    '~"*_',
    '*"_',
    ' ',
  ]
  for (const unit of [...units, ...more])
    for (const [start, end] of [
      ['', ''],
      ['*', '*'],
      ['```\n', ''],
      ['`', 'é'],
      ['@a', 'é'],
    ] as const) {
      const body = start + unit.repeat(100_000 / unit.length) + end
      const begun = performance.now()
      assert.ok(parseBody(body).length)
      // With quadratic growth it would be minutes.
      assert.ok(performance.now() - begun < 5000, JSON.stringify([start, unit, end]))
    }
})
