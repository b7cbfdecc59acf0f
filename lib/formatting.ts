/** A piece of a message's text: plain, or shown in its own way. */
export type Part =
  | string
  | { kind: 'bold' | 'italic' | 'strike' | 'quote'; parts: Part[] }
  | { kind: 'code' | 'block' | 'address' | 'mention'; text: string }

/** Quick, because most messages contain none of these. */
const mayBeFormatted = /[*_~`@>]|:\/\//

/** Finds the light formatting of a message. The time is proportional to the length, whatever the text contains. */
export const parseBody = (body: string): Part[] =>
  mayBeFormatted.test(body) ? parseLines(body.split('\n')) : [body]

function parseLines(lines: string[], isQuote = false): Part[] {
  const parts: Part[] = []
  const lastFence = lines.findLastIndex(endsBlock)
  let isAfterText = false
  for (let at = 0; at < lines.length; ) {
    const block = (at < lastFence && codeBlock(lines, at)) || (!isQuote && quote(lines, at))
    if (block) parts.push(block.part)
    else parts.push(...(isAfterText ? ['\n'] : []), ...parseLine(lines[at] ?? ''))
    isAfterText = !block
    at = block ? block.next : at + 1
  }
  return mergeTexts(parts)
}

const quoteMark = /^>(?: |$)/

function quote(lines: string[], start: number) {
  let next = start
  while (quoteMark.test(lines[next] ?? '')) next++
  if (next === start) return undefined
  const inside = lines.slice(start, next).map((line) => line.slice(2))
  return { part: { kind: 'quote' as const, parts: parseLines(inside, true) }, next }
}

const endsBlock = (line: string) => line.trimEnd().endsWith('```')

/** Code between lines with three backticks. The name of a language after the first three is not shown. */
function codeBlock(lines: string[], start: number) {
  const opening = /^```([^`]*)$/.exec(lines[start] ?? '')
  if (!opening) return undefined
  let end = start + 1
  while (end < lines.length && !endsBlock(lines[end] ?? '')) end++
  const [first = '', last = ''] = [opening[1], lines[end]?.trimEnd().slice(0, -3)]
  const isLanguage = /^[\w+#.-]*\s*$/.test(first)
  const inside = [...(isLanguage ? [] : [first]), ...lines.slice(start + 1, end), ...(last ? [last] : [])]
  const text = inside.join('\n')
  return text.trim() ? { part: { kind: 'block' as const, text }, next: end + 1 } : undefined
}

const code = /(?<![\p{L}\p{N}\p{M}`])(?:```[^`]+```|`[^`]+`)(?![\p{L}\p{N}\p{M}`])/u
// Up to white space, without punctuation and marks at the end.
const address = /[hH][tT]{2}[pP][sS]?:\/\/[^\s<>"`]*[^\s<>"'`.,;:!?)\]}*_~]/u
// Not in an email address, and without punctuation at the end.
const mention = /(?<![\p{L}\p{N}\p{M}@/])@[A-Za-z0-9_.-]*[A-Za-z0-9](?![._-]*[\p{L}\p{N}\p{M}@])/u
const marks = /[*_~]+/u
const token = new RegExp(`(${[code, address, mention, marks].map(({ source }) => source).join('|')})`, 'u')

const kinds = { '*': 'bold', _: 'italic', '~': 'strike' } as const
type Mark = keyof typeof kinds

/** Pairs each closing mark with the nearest opening one. Other marks stay text. */
function parseLine(line: string): Part[] {
  const pieces = line.split(token)
  const parts: Part[] = []
  // Where in `parts` the last opening mark of each kind is: one of a kind, so that no more than three are nested.
  const opened = new Map<Mark, number>()
  for (const [index, piece] of pieces.entries()) {
    // Every second piece is a token that split() captured.
    if (index % 2 === 0) parts.push(piece)
    else if (!marks.test(piece[0] ?? '')) parts.push(leaf(piece))
    else {
      const before = pieces[index - 1] || pieces[index - 2] || ' '
      const after = pieces[index + 1] || pieces[index + 2] || ' '
      const { canOpen, canClose } = directions(before, piece, after)
      for (const mark of piece as Iterable<Mark>) {
        const start = opened.get(mark)
        if (canClose && start !== undefined) {
          parts.push({ kind: kinds[mark], parts: mergeTexts(parts.splice(start).slice(1)) })
          for (const [other, at] of opened) if (at >= start) opened.delete(other)
        } else {
          if (canOpen) opened.set(mark, parts.length)
          parts.push(mark)
        }
      }
    }
  }
  return parts
}

// With slashes, so that marks in a path stay.
const endsInWord = /[\p{L}\p{N}\p{M}/\\]$/u
const startsWithWord = /^[\p{L}\p{N}\p{M}/\\]/u

/** Whether a run of marks can open or close a pair. A repeated mark (`**`) can't. */
function directions(before: string, run: string, after: string) {
  const isSingle = new Set(run).size === run.length
  return {
    canOpen: isSingle && !endsInWord.test(before) && /^\S/.test(after),
    canClose: isSingle && /\S$/.test(before) && !startsWithWord.test(after),
  }
}

function leaf(text: string): Part {
  if (text.startsWith('@')) return { kind: 'mention', text }
  if (!text.startsWith('`')) return { kind: 'address', text }
  const ticks = text.startsWith('```') ? 3 : 1
  return { kind: 'code', text: text.slice(ticks, -ticks) }
}

function mergeTexts(parts: Part[]) {
  const merged: Part[] = []
  for (const part of parts) {
    const last = merged.at(-1)
    if (part === '') continue
    if (typeof part === 'string' && typeof last === 'string') merged[merged.length - 1] = last + part
    else merged.push(part)
  }
  return merged
}
