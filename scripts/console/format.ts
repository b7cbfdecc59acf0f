import type { Message } from '@/lib/views'

type Paint = (text: string) => string
export type Style = { faint: Paint; strong: Paint }

const painted = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`
export const colours: Style = { faint: painted(2), strong: painted(1) }
export const plain: Style = { faint: (text) => text, strong: (text) => text }

const lineBreak = /\n|\u2028|\u2029/
// These control a terminal or reorder the text around them.
const control = /[\p{Cc}\p{Bidi_Control}]/gu
// These are invisible. The joiner U+200D and the selector U+FE0F are allowed, because emoji contain them.
const invisible = /[[\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]--[\u200d\ufe0f]]/gv

/** Makes a foreign text safe to show in one line of a terminal. */
export const clean = (text: string) =>
  text
    .replaceAll('\t', '    ')
    .replace(/[\n\u2028\u2029]/g, ' ')
    .replace(control, '�')
    .replace(invisible, '')

/** A message with its time and sender. Further lines are indented, so that they cannot imitate another message. */
export function formatMessage(
  { sender, body, createdAt }: Pick<Message, 'sender' | 'body' | 'createdAt'>,
  { faint, strong }: Style,
) {
  const text = body.split(lineBreak).map(clean).join('\n    ')
  return `${faint(clockTime(createdAt))} ${strong(`${clean(sender.username)}:`)} ${text}`
}

/** In the time zone of the user. */
const clockTime = (iso: string) =>
  new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

export const formatNote = (text: string, { faint }: Style) => faint(`* ${clean(text)}`)
