/** Each is tested against the name as it is and in its compatibility form (NFKC): that turns `：` into `:`. */
const rules: readonly [forbidden: RegExp, sentence: string][] = [
  [/[\n\t\p{Zl}\p{Zp}]/u, 'Keep it on one line.'],
  [/[\p{Cc}\p{Cs}]/u, 'Remove the control characters.'],
  [
    // Direction marks, joiners and variation selectors; then characters that look empty in most fonts.
    /[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{13441}\u{13442}\u{16fe4}\u{1d159}]/u,
    'Remove the invisible characters. Some emoji contain them.',
  ],
  [/[\p{Co}\p{Cn}]/u, 'Remove the characters that Unicode does not define.'],
  [
    // Unicode's confusables of the colon, apart from letters. In the Lisu script ꓽ is a letter.
    /[:\u02d0\u02f8\u0589\u05c3\u0703\u0704\u1361\u1365\u1366\u16ec\u1803\u1804\u1809\u205a\u205d\u2236\u2237\u2254\u2255\u22ee\u2982\u2a74\u2af6\ua6f4\ua789\ufe19\ufe30\u{10af5}\u{10f88}\u{12471}\u{1da8a}]|(?<!\p{Script=Lisu})\ua4fd/u,
    'Remove the colon, or the character that looks like one.',
  ],
  [
    // A vowel sign of an Indic script looks like punctuation behind a Latin letter: `bobः`.
    /(?:^| )\p{M}|[\p{Script=Latin}\p{Script=Greek}\p{Script=Common}][\p{M}--[\p{Script=Inherited}\p{Script=Common}]]/v,
    'Put accents and vowel signs after a letter of their own script.',
  ],
  // The limit of Unicode's security recommendations (UTS 39, 5.4).
  [/[\p{Mn}\p{Me}]{5}/u, 'Use at most four accents on a letter.'],
]

const isPlain = /^[ -9;-~]*$/

/** Why a shown name could pass for another person's or for part of the page, as a sentence; nothing if it could not. */
export function nameFault(name: string) {
  // Most names, and quick: this runs for the sender of every message.
  if (isPlain.test(name)) return undefined
  const compatible = name.normalize('NFKC')
  return rules.find(([forbidden]) => forbidden.test(name) || forbidden.test(compatible))?.[1]
}

/** One way to write the same name: single spaces, none around it, composed letters. */
export const tidyName = (name: string) =>
  name
    .replace(/\p{Zs}+/gu, ' ')
    .replace(/^ | $/g, '')
    .normalize('NFC')
