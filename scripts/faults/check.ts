/** A message as a conversation shows it; every body that a sender sends is another: its name and a number. */
export type Line = { seq: number; body: string }
export type Stored = Line & { conversationId: string }
/** What was answered to be stored, with its place where the answer said it. */
export type Acknowledged = { conversationId: string; body: string; seq?: number }

/** The acknowledged messages that are not stored, or not where it was said. */
export const findMissing = (acknowledged: Acknowledged[], stored: Stored[]) => {
  const places = new Map(stored.map((message) => [keyOf(message), message.seq]))
  return acknowledged.filter((message) => {
    const place = places.get(keyOf(message))
    return place === undefined || (message.seq !== undefined && message.seq !== place)
  })
}

/** The messages that are stored though their body was before, acknowledged or not. */
export function findDoubled(stored: Stored[]) {
  const seen = new Set<string>()
  return stored.filter((message) => seen.size === seen.add(keyOf(message)).size)
}

const keyOf = ({ conversationId, body }: Acknowledged) => `${conversationId} ${body}`

/** The messages before which a `seq` is left out, or taken twice. */
export function findGaps(stored: Stored[]) {
  const last = new Map<string, number>()
  return inOrder(stored).filter(({ conversationId, seq }) => {
    const expected = (last.get(conversationId) ?? 0) + 1
    last.set(conversationId, seq)
    return seq !== expected
  })
}

/** The messages that stand behind a later one of the same sender. */
export function findMisplaced(stored: Stored[]) {
  const last = new Map<string, number>()
  return inOrder(stored).filter(({ conversationId, body }) => {
    const [, sender, number] = /^(.*) (\d+)$/.exec(body) ?? []
    const key = `${conversationId} ${sender}`
    const before = last.get(key) ?? 0
    last.set(key, Math.max(before, Number(number)))
    return Number(number) < before
  })
}

const inOrder = (stored: Stored[]) => [...stored].sort((one, other) => one.seq - other.seq)

/**
 * The places where a client's list is not the database's, from the client's first message on: what it lacks,
 * what it has too much or twice, and what stands elsewhere. Who began at some `seq` need not have those before.
 */
export function findDifferences(seen: Line[], stored: Line[], from = seen[0]?.seq ?? 1) {
  const expected = stored.filter(({ seq }) => seq >= from).sort((one, other) => one.seq - other.seq)
  const count = Math.max(seen.length, expected.length)
  return Array.from({ length: count }, (_, place) => ({ seen: seen[place], stored: expected[place] })).filter(
    ({ seen, stored }) => seen?.seq !== stored?.seq || seen?.body !== stored?.body,
  )
}
