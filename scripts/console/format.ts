import type { Message } from '@/lib/messages'

type Paint = (text: string) => string
export type Style = { faint: Paint; strong: Paint }

const painted = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`
export const colours: Style = { faint: painted(2), strong: painted(1) }
export const plain: Style = { faint: (text) => text, strong: (text) => text }

const lineBreak = /\n|\u2028|\u2029/
// Those that steer a terminal, and those that turn the direction of what follows.
const steering = /[\p{Cc}\p{Bidi_Control}]/gu

/** Somebody else's text, as one line that a terminal only shows. */
export const clean = (text: string) =>
  text
    .replaceAll('\t', '    ')
    .replace(/[\n\u2028\u2029]/g, ' ')
    .replace(steering, '�')

/** A message. Its further lines are set in, so that none can pass for somebody else's. */
export function formatMessage(
  { sender, body, createdAt }: Pick<Message, 'sender' | 'body' | 'createdAt'>,
  { faint, strong }: Style,
) {
  const text = body.split(lineBreak).map(clean).join('\n    ')
  return `${faint(clockTime(createdAt))} ${strong(`${clean(sender.name)}:`)} ${text}`
}

/** In the reader's zone. */
const clockTime = (iso: string) =>
  new Date(iso).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })

export const formatNote = (text: string, { faint }: Style) => faint(`* ${clean(text)}`)
