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

/** Adds messages, or later copies of them. */
export const addCopies = (messages: Message[], copies: Message[]) =>
  mergeMessages(updateQuotes(messages, copies), copies)

/** Shows these copies in the quotes of other messages, because a quote shows a message as it is now. */
export function updateQuotes(messages: Message[], copies: Message[]): Message[] {
  const quoted = new Map(copies.map((copy) => [copy.seq, copy]))
  const updated = messages.map((message) => {
    const { replyTo } = message
    const copy = replyTo && quoted.get(replyTo.seq)
    if (!copy) return message
    const excerpt = excerptOf(copy.body)
    const isDeleted = copy.deletedAt !== null
    if (excerpt === replyTo.excerpt && isDeleted === replyTo.isDeleted) return message
    return { ...message, replyTo: { ...replyTo, excerpt, isDeleted } }
  })
  return updated.some((message, index) => message !== messages[index]) ? updated : messages
}
