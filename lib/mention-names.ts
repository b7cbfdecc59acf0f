import { type Part, parseBody } from './formatting'

/** The most usernames that one message mentions. */
const most = 50

/**
 * The usernames, in lower case, that a body may mention. Because a username may end with punctuation, `@ada.` stands for
 * `ada` and for `ada.`: if both exist, both are mentioned, so that nobody can divert mentions of `ada` to themselves.
 */
export const mentionNames = (body: string) =>
  body.includes('@') ? [...new Set(namesIn(parseBody(body)))].filter(isPossible).slice(0, most) : []

const isPossible = (name: string) => name.length >= 3 && name.length <= 32

const namesIn = (parts: Part[]): string[] =>
  parts.flatMap((part, index) => {
    if (typeof part === 'string') return []
    if ('parts' in part) return namesIn(part.parts)
    return part.kind === 'mention' ? spellings(part.text.slice(1).toLowerCase(), parts[index + 1]) : []
  })

/** The name, and with each more of the punctuation after it. */
function spellings(name: string, next: Part | undefined) {
  const [after = ''] = typeof next === 'string' ? (/^[._-]+/.exec(next) ?? []) : []
  return Array.from({ length: Math.min(after.length, 32) + 1 }, (_, length) => name + after.slice(0, length))
}

/** A username in lower case, as its mention is shown: without punctuation at the end. */
export const trimmedName = (username: string) => username.toLowerCase().replace(/[._-]+$/, '')
