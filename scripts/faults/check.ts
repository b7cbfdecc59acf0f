import { isDeepStrictEqual } from 'node:util'

/**
 * A message as a client shows it, unless it was deleted. Each body is unique: the sender's name and a number.
 * `reactions` are the emoji, each with its count.
 */
export type ShownMessage = { seq: number; body: string; reactions?: string }
export type StoredMessage = ShownMessage & {
  conversationId: string
  isDeleted?: boolean
  earlier?: string[]
  firstSeq?: number
}
/** A message of which every change was acknowledged: all its texts in their order, or an empty one if it was deleted. */
export type ChangedMessage = {
  conversationId: string
  seq: number
  texts: string[]
  reactions: string
  isDeleted: boolean
}
/** A message that the site acknowledged, with its `seq` if the answer contains it. */
export type Acknowledged = { conversationId: string; body: string; seq?: number }

/** The acknowledged messages that are not stored, or have another `seq` than acknowledged. */
export const findMissing = (acknowledged: Acknowledged[], stored: StoredMessage[]) => {
  const seqs = new Map(stored.map((message) => [keyOf(message), message.seq]))
  return acknowledged.filter((message) => {
    const seq = seqs.get(keyOf(message))
    return seq === undefined || (message.seq !== undefined && message.seq !== seq)
  })
}

/** The messages whose body is already stored in the same conversation. */
export function findDuplicates(stored: StoredMessage[]) {
  const seen = new Set<string>()
  return stored.filter((message) => !message.isDeleted && seen.size === seen.add(keyOf(message)).size)
}

/** The acknowledged changes that are not stored as they were made: each once, and in their order. */
export function findWronglyChanged(changed: ChangedMessage[], stored: StoredMessage[]) {
  const found = new Map(stored.map((message) => [`${message.conversationId} ${message.seq}`, message]))
  return changed.flatMap((expected) => {
    const { conversationId, seq } = expected
    const {
      body = '',
      earlier = [],
      reactions = '',
      isDeleted = false,
    } = found.get(`${conversationId} ${seq}`) ?? {}
    const actual = { conversationId, seq, isDeleted, texts: [...earlier, body], reactions }
    return isDeepStrictEqual(actual, expected) ? [] : { expected, actual }
  })
}

const keyOf = ({ conversationId, body }: Acknowledged) => `${conversationId} ${body}`

/** The messages whose `seq` does not follow that of the message before, or is not the first one that is kept. */
export function findGaps(stored: StoredMessage[]) {
  const last = new Map<string, number>()
  return inOrder(stored).filter(({ conversationId, seq, firstSeq = 1 }) => {
    const expected = (last.get(conversationId) ?? firstSeq - 1) + 1
    last.set(conversationId, seq)
    return seq !== expected
  })
}

/** The messages that come after a later one of the same sender. */
export function findOutOfOrder(stored: StoredMessage[]) {
  const last = new Map<string, number>()
  return inOrder(stored).filter(({ conversationId, body }) => {
    const [, sender, number] = /^(.*) (\d+)$/.exec(body) ?? []
    const key = `${conversationId} ${sender}`
    const before = last.get(key) ?? 0
    last.set(key, Math.max(before, Number(number)))
    return Number(number) < before
  })
}

const inOrder = (stored: StoredMessage[]) => [...stored].sort((one, other) => one.seq - other.seq)

/**
 * The positions at which a client's list differs from the stored messages. Only messages from `from` on are expected;
 * the default is the client's first message.
 */
export function findDifferences(
  shown: ShownMessage[],
  stored: (ShownMessage & { isDeleted?: boolean })[],
  from = shown[0]?.seq ?? 1,
) {
  const expected = stored
    .filter(({ seq, isDeleted }) => seq >= from && !isDeleted)
    .sort((one, other) => one.seq - other.seq)
  const count = Math.max(shown.length, expected.length)
  return Array.from({ length: count }, (_, index) => ({
    shown: shown[index],
    stored: expected[index],
  })).filter(
    ({ shown, stored }) =>
      shown?.seq !== stored?.seq ||
      shown?.body !== stored?.body ||
      (shown?.reactions ?? '') !== (stored?.reactions ?? ''),
  )
}
