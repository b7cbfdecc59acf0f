import { groupSize } from '@/lib/group-size'
import type { ConversationView, Member, Message } from '@/lib/views'

/** How far a message of the person's own has come. */
export type Progress = 'Sent' | 'Delivered' | 'Read' | `Read by ${number} of ${number}`

type Received = Pick<ConversationView, 'kind' | 'isClosed' | 'people' | 'receipts'>

/**
 * How far the person's own messages have come, by `seq`. Of several in a group that the same number of people have read,
 * only the last one says so. Rooms and closed conversations show no receipts.
 */
export function progressIn(
  conversation: Received,
  messages: Message[],
  userId: string,
): Map<number, Progress> {
  const { kind, isClosed } = conversation
  if (kind === 'room' || isClosed) return new Map()
  const own = messages.filter((message) => message.kind === 'said' && message.sender.id === userId)
  const others = receiptsOfOthers(conversation, userId)
  const count = (seq: number) => others.filter(({ lastReadSeq }) => lastReadSeq >= seq).length
  const progress = own.map(({ seq }): [number, Progress] => {
    const readers = count(seq)
    if (kind === 'group') return [seq, readers ? `Read by ${readers} of ${others.length}` : 'Sent']
    const isDelivered = others.some(({ lastDeliveredSeq }) => lastDeliveredSeq >= seq)
    return [seq, readers ? 'Read' : isDelivered ? 'Delivered' : 'Sent']
  })
  if (kind === 'direct') return new Map(progress)
  const lastSeqs = new Set(new Map(progress.map(([seq, text]) => [text, seq])).values())
  return new Map(progress.filter(([seq]) => lastSeqs.has(seq)))
}

const unread = { lastDeliveredSeq: 0, lastReadSeq: 0 }

/** Each of the others with their receipt. Nobody in a large group. */
function receiptsOfOthers({ kind, people, receipts }: Received, userId: string) {
  if (kind === 'group' && people.length > groupSize.withReceipts) return []
  const byPerson = new Map(receipts.map((receipt) => [receipt.userId, receipt]))
  return people
    .filter(({ id }) => id !== userId)
    .map((person) => ({ ...unread, ...byPerson.get(person.id), person }))
}

/** The others who have read a message; undefined where receipts are not shown. */
export function readersOf(conversation: Received, { seq, sender }: Message): Member[] | undefined {
  const { kind, isClosed, people } = conversation
  if (kind === 'room' || isClosed || (kind === 'group' && people.length > groupSize.withReceipts))
    return undefined
  return receiptsOfOthers(conversation, sender.id)
    .filter(({ lastReadSeq }) => lastReadSeq >= seq)
    .map(({ person }) => person)
}
