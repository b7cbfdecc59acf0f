import { mergeMessages } from '@/app/browser/merge-messages'
import { excerptOf } from '@/lib/excerpt'
import type { Message } from '@/lib/views'

/** Which changes of messages a client has received: all up to `version`, and `ahead` of it some later ones. */
export type Received = { version: number; ahead: number[] }

/** Adds a received change to the versions. Events may be repeated and may come in any order. */
export function receiveVersion({ version, ahead }: Received, received: number): Received {
  if (received <= version || ahead.includes(received)) return { version, ahead }
  return catchUp({ version, ahead: [...ahead, received] }, version)
}

/** All changes up to `version` are known. */
export function catchUp({ version, ahead }: Received, upTo: number): Received {
  let known = Math.max(version, upTo)
  while (ahead.includes(known + 1)) known++
  return { version: known, ahead: ahead.filter((one) => one > known) }
}

/** The messages that a page shows, and others of which it received a copy. */
export type Copies = { messages: Message[]; others: Message[] }

/**
 * Adds copies of messages to those that are shown, or to the others. The others are kept for quotes, and because the
 * event of a message may come after that of its change.
 */
export function addCopies(
  { messages, others }: Copies,
  copies: Message[],
  isShown: (message: Message) => boolean,
): Copies {
  const seqs = new Set([...messages, ...copies.filter(isShown)].map(({ seq }) => seq))
  const isAmong = ({ seq }: Message) => seqs.has(seq)
  const shown = mergeMessages(messages, [...others, ...copies].filter(isAmong))
  const left = others.some(isAmong) ? others.filter((one) => !isAmong(one)) : others
  const rest = mergeMessages(
    left,
    copies.filter((one) => !isAmong(one)),
  )
  return { messages: updateQuotes(shown, rest), others: rest }
}

/** Shows in each quote the latest copy of its message, because a quote shows a message as it is now. */
function updateQuotes(messages: Message[], others: Message[]): Message[] {
  const bySeq = new Map([...others, ...messages].map((message) => [message.seq, message]))
  const updated = messages.map((message) => {
    const { replyTo } = message
    const copy = replyTo && bySeq.get(replyTo.seq)
    if (!copy) return message
    const excerpt = excerptOf(copy.body)
    const isDeleted = copy.deletedAt !== null
    if (excerpt === replyTo.excerpt && isDeleted === replyTo.isDeleted) return message
    return { ...message, replyTo: { ...replyTo, excerpt, isDeleted } }
  })
  return updated.some((message, index) => message !== messages[index]) ? updated : messages
}
