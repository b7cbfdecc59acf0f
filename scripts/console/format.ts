import { changeLine, type KnownChange } from '@/lib/known-changes'
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

/** Indents further lines, so that they cannot imitate another message. */
const indent = (text: string) => text.split(lineBreak).map(clean).join('\n    ')

/** A message with its time and sender. */
export function formatMessage(message: Message, style: Style) {
  const { kind, sender, body, createdAt, deletedAt } = message
  if (deletedAt) return formatChange({ what: 'deleted' }, message, style)
  if (kind === 'notice') return formatNote(body, style)
  const name = style.strong(`${clean(sender.username)}:`)
  return `${style.faint(clockTime(createdAt))} ${name} ${indent(body)}`
}

export const formatChange = (change: KnownChange, message: Message, { faint }: Style) =>
  faint(`* ${indent(changeLine(change, message, clockTime(message.createdAt)))}`)

/** In the time zone of the user. */
const clockTime = (iso: string) =>
  new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

export const formatNote = (text: string, { faint }: Style) => faint(`* ${clean(text)}`)
