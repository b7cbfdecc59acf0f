import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameFault, tidyName } from './names'

test('real names in all scripts are kept', () => {
  const names = [
    'Zoë',
    'Ñandú',
    'O’Brien',
    "D'Arcy",
    'Jean-Luc',
    'Martin Luther King, Jr.',
    'Åsa Öst (she/her)',
    'Nguyễn Thị Ánh',
    'Ọ̀ṣun',
    'Kahiʻolani',
    'Мария',
    'Αλέξανδρος',
    'Հայկ',
    'გიორგი',
    'מרים',
    'שָׁלוֹם',
    'محمد',
    'مُحَمَّد',
    'नरेंद्र',
    'रामः',
    'দুঃখ',
    'ரவிச்சந்திரன்',
    'రామః',
    'ശ്രീനിവാസൻ',
    'සුනිල්',
    'สมชาย',
    'น้ำ',
    'ສົມໄຊ',
    'မြို့သူ',
    'ស្រីមុំ',
    'བསྟན་འཛིན',
    'አበበ',
    'ꓡꓲꓽ',
    '李小龍',
    '田中 さくら',
    'ガッツ',
    '김철수',
    'ada 😀🚀',
  ]
  for (const name of names) assert.equal(nameFault(tidyName(name)), undefined, name)
})

const refused: Record<string, [sentence: RegExp, names: string[]]> = {
  'line breaks': [/one line/, ['a\nb', 'a\tb', 'a\u2028b', 'a\u2029b']],
  'control characters': [/control/, ['a\0b', 'a\x1bb', 'a\x7fb', 'a\x85b', 'a\x9fb', 'a\ud800b']],
  'format and invisible characters': [
    /invisible/,
    [
      ...'\u200b\u200c\u200d\u2060\ufeff\u00ad\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e',
      ...'\u2066\u2067\u2068\u2069\u2061\u2062\u2063\u2064\u206a\u206f\u180b\u180e\u034f\ufe00\ufe0e\ufe0f',
      ...'\u115f\u1160\u3164\uffa0\u17b4\u17b5\u2800\ufffc\ufff9\ufffa\ufffb\u{e0001}\u{e0041}\u{e0100}\u{1d173}',
      ...'\u{16fe4}\u{1d159}\u{13441}\u{1bca0}',
    ].map((hidden) => `bob${hidden}`),
  ],
  'private and unassigned characters': [
    /not define/,
    ['a\ue000', '\uf8ffa', 'a\u{10ffff}', 'a\uffff', 'a\u0378'],
  ],
  'colons and their look-alikes': [
    /colon/,
    [
      ...':\uff1a\ufe55\ufe13\u2236\ua789\u02d0\u05c3\u0589\u02f8\u205a\u0703\u0704\u16ec\u2982\u1365\u1803\u1809',
      ...'\ufe30\ua6f4\u2a74\u2237\u2254\u{12471}\ua4fd',
    ].map((colon) => `bob${colon} I resign`),
  ],
  'marks without their letter': [
    /own script/,
    [
      '\u0301bob',
      'bob \u0301',
      '\u0903bob',
      'bob\u0903 I resign',
      'bob\u1038',
      'bob\u0983',
      '1\u0983',
      '\u20e3',
    ],
  ],
  'piles of marks': [/four accents/, [`b${'\u0301'.repeat(5)}ob`, `b${'\u0301\u0323\u0489'.repeat(20)}`]],
}

for (const [what, [sentence, names]] of Object.entries(refused))
  test(`${what} are refused with their own sentence`, () => {
    for (const name of names) assert.match(nameFault(name) ?? 'accepted', sentence, JSON.stringify(name))
  })

test('white space of any kind becomes single spaces', () => {
  assert.equal(tidyName(' \u00a0Ada\u3000 \u2003King\u202f'), 'Ada King')
  assert.equal(tidyName(' \u3000 '), '')
})

test('names are normalized', () => {
  assert.equal(tidyName('Zoe\u0308'), 'Zoë')
  assert.equal(tidyName('\u1112\u1161\u11ab'), '한')
})
