import 'server-only'
import type { Events } from './realtime/events'
import type { MessageUpdates } from './views'

/** How far a stream has come: all messages up to `seq`, with all their changes up to `version`. */
export type Position = { seq: number; version: number }

/** How many messages a stream reads at once. Few, because it keeps them in memory while its reader is stalled. */
export const pageSize = 10

/**
 * The position after an event, if the event is the next one; the same position if the stream is past the event;
 * undefined if something before the event is missing.
 */
export function afterCreated(
  at: Position,
  { seq, conversationVersion }: Pick<Events['message.created'], 'seq' | 'conversationVersion'>,
): Position | undefined {
  if (conversationVersion > at.version) return undefined
  if (seq <= at.seq) return at
  return seq === at.seq + 1 ? { ...at, seq } : undefined
}

/** The same for the event of a change. */
export function afterChanged(
  at: Position,
  { seq, conversationVersion: version }: Pick<Events['message.created'], 'seq' | 'conversationVersion'>,
): Position | undefined {
  if (version <= at.version) return at
  return version === at.version + 1 && seq <= at.seq ? { ...at, version } : undefined
}

/** The same for the event that messages before `firstSeq` have expired. The stream skips those that it has not sent. */
export function afterExpired(
  at: Position,
  { firstSeq, version }: { firstSeq: number; version: number },
): Position | undefined {
  if (version <= at.version) return at
  return version === at.version + 1 ? { seq: Math.max(at.seq, firstSeq - 1), version } : undefined
}

/** What a stream sends of a page that it has read after `seq`, each with the position after it. */
export function* stepsOf(seq: number, { messages, changed, version, more }: MessageUpdates) {
  for (const message of changed)
    yield { kind: 'changed' as const, message, at: { seq, version: message.version } }
  // The next page has the other changes. Messages before them would be given again with theirs.
  if (more && changed.length === pageSize) return
  for (const message of messages)
    yield { kind: 'message' as const, message, at: { seq: message.seq, version } }
}
