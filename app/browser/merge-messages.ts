import type { Message } from '@/lib/views'

/** Both lists as one, ordered by `seq`, without repeats. @returns `known` itself if `more` adds nothing */
export function mergeMessages(known: Message[], more: Message[]): Message[] {
  const bySeq = new Map([...known, ...more].map((message) => [message.seq, message]))
  if (bySeq.size === known.length) return known
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq)
}

/** The `seq` before the first gap, if there is one. */
export function findGap(messages: Message[]) {
  return messages.find(
    ({ seq }, index) => index + 1 < messages.length && messages[index + 1]?.seq !== seq + 1,
  )?.seq
}
