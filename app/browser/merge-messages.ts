import type { Message } from '@/lib/views'

/**
 * Both lists as one, ordered by `seq`. Of two copies of a message the later version wins, or the one in `more`.
 * @returns `known` itself if `more` adds nothing
 */
export function mergeMessages(known: Message[], more: Message[]): Message[] {
  const bySeq = new Map(known.map((message) => [message.seq, message]))
  let isSame = true
  for (const message of more) {
    const one = bySeq.get(message.seq)
    if (one && (one.version > message.version || isEqual(one, message))) continue
    bySeq.set(message.seq, message)
    isSame = false
  }
  if (isSame) return known
  return [...bySeq.values()].sort((one, other) => one.seq - other.seq)
}

const isEqual = (one: Message, other: Message) => JSON.stringify(one) === JSON.stringify(other)

/** The `seq` before the first gap, if there is one. */
export function findGap(messages: Message[]) {
  return messages.find(
    ({ seq }, index) => index + 1 < messages.length && messages[index + 1]?.seq !== seq + 1,
  )?.seq
}
