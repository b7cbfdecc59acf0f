import type { Message } from '@/lib/views'

/** One list of what is known so far, by `seq`. */
export function mergeMessages(known: Message[], more: Message[]): Message[] {
  const bySeq = new Map([...known, ...more].map((message) => [message.seq, message]))
  if (bySeq.size === known.length) return known
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq)
}

/** The last `seq` before the first hole, where there is one. */
export function findHole(messages: Message[]) {
  return messages.find(
    ({ seq }, index) => index + 1 < messages.length && messages[index + 1]?.seq !== seq + 1,
  )?.seq
}
