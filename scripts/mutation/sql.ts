const swaps: [pattern: RegExp, replacement: string][] = [
  [/ < /g, ' <= '],
  [/ <= /g, ' < '],
  [/ > /g, ' >= '],
  [/ >= /g, ' > '],
  [/ <> /g, ' = '],
  [/ and /g, ' or '],
  [/ or /g, ' and '],
  [/\bnot exists\b/g, 'exists'],
  [/(?<!not )\bexists\b/g, 'not exists'],
  [/\bnot (?!exists|null)/g, ''],
  [/\bis not null\b/g, 'is null'],
  [/\bis null\b/g, 'is not null'],
  [/\bgreatest\(/g, 'least('],
  [/\bleast\(/g, 'greatest('],
  [/\bmax\(/g, 'min('],
  [/\bmin\(/g, 'max('],
  [/\bdesc\b/g, 'asc'],
  [/\basc\b/g, 'desc'],
  [/\bleft join\b/g, 'join'],
  [/\bdistinct /g, ''],
  [/\btrue\b/g, 'false'],
  [/\bfalse\b/g, 'true'],
  [/\bfor (no key )?update\b( of \w+)?/g, ''],
  [/(?<=interval ')\d+/g, '10$&'],
  [/(?<=(?:[+-]|limit) )\d+\b/g, '10$&'],
]

/** The text of a statement with one thing changed, in each way. Equal signs are compared only outside `set`. */
export function sqlVariants(text: string) {
  const variants = swaps.flatMap(([pattern, replacement]) =>
    [...text.matchAll(pattern)].map((match) => replaceAt(text, match, replacement.replace('$&', match[0]))),
  )
  for (const match of text.matchAll(/ = (?!any)/g)) {
    const before = text.slice(0, match.index)
    if (/\b(where|and|or|on|when)\b(?![\s\S]*\bset\b)/.test(before))
      variants.push(replaceAt(text, match, ' <> '))
  }
  return variants
}

const replaceAt = (text: string, match: RegExpExecArray, by: string) =>
  text.slice(0, match.index) + by + text.slice(match.index + match[0].length)
