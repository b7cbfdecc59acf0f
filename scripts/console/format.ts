import type { Message } from '@/lib/views'

type Paint = (text: string) => string
export type Style = { faint: Paint; strong: Paint }

const painted = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`
export const colours: Style = { faint: painted(2), strong: painted(1) }
export const plain: Style = { faint: (text) => text, strong: (text) => text }

const lineBreak = /\n|\u2028|\u2029/
// These drive a terminal or reorder the text around them.
const steering = /[\p{Cc}\p{Bidi_Control}]/gu
// These hide text, apart from the two that emoji are made with: the joiner U+200D and the selector U+FE0F.
const invisible = /[[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]--[\u200d\ufe0f]]/gv

/** Somebody else's text, as one line that a terminal shows as it is. */
export const clean = (text: string) =>
  text
    .replaceAll('\t', '    ')
    .replace(/[\n\u2028\u2029]/g, ' ')
    .replace(steering, '�')
    .replace(invisible, '')

/** A message, with its sender's username. Its further lines are indented, so that none can pass for another message. */
export function formatMessage(
  { sender, body, createdAt }: Pick<Message, 'sender' | 'body' | 'createdAt'>,
  { faint, strong }: Style,
) {
  const text = body.split(lineBreak).map(clean).join('\n    ')
  return `${faint(clockTime(createdAt))} ${strong(`${clean(sender.username)}:`)} ${text}`
}

/** In the reader's zone. */
const clockTime = (iso: string) =>
  new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

export const formatNote = (text: string, { faint }: Style) => faint(`* ${clean(text)}`)
