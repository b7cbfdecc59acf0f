// A character that is shown as text unless U+FE0F follows. A skin tone has the same effect.
const withoutSelector = /(?!\p{Emoji_Presentation})\p{Emoji}(?!\uFE0F|\p{Emoji_Modifier})/gu
const oneEmoji = /^\p{RGI_Emoji}$/v

/** The emoji that a text is, with each U+FE0F that it lacks. Undefined if it is not exactly one emoji. */
export function toEmoji(text: string) {
  return [text, text.replace(withoutSelector, '$&\uFE0F')].find((one) => oneEmoji.test(one))
}
