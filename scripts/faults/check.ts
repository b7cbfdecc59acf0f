/** A message as a client shows it. Each body is unique: the sender's name and a number. */
export type ShownMessage = { seq: number; body: string }
export type StoredMessage = ShownMessage & { conversationId: string }
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
  return stored.filter((message) => seen.size === seen.add(keyOf(message)).size)
}

const keyOf = ({ conversationId, body }: Acknowledged) => `${conversationId} ${body}`

/** The messages whose `seq` does not follow that of the message before. */
export function findGaps(stored: StoredMessage[]) {
  const last = new Map<string, number>()
  return inOrder(stored).filter(({ conversationId, seq }) => {
    const expected = (last.get(conversationId) ?? 0) + 1
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
export function findDifferences(shown: ShownMessage[], stored: ShownMessage[], from = shown[0]?.seq ?? 1) {
  const expected = stored.filter(({ seq }) => seq >= from).sort((one, other) => one.seq - other.seq)
  const count = Math.max(shown.length, expected.length)
  return Array.from({ length: count }, (_, index) => ({
    shown: shown[index],
    stored: expected[index],
  })).filter(({ shown, stored }) => shown?.seq !== stored?.seq || shown?.body !== stored?.body)
}
