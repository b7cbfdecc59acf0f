import type { ConversationView } from '@/lib/views'
import type { Store } from './store'

const everyMs = 1000
/** A membership in a room ends with its last tab, so only other tabs need this cursor; and each message has many readers. */
const inRoomsEveryMs = 30_000
const tryAgainMs = 5000
/** A message that is received is read a moment later, and one report says both. */
const waitForReaderMs = 50

/**
 * Reports what this page has received and its person has read: at most once a second, and when the page is left. In
 * the background it plans no more reports, and so costs nothing.
 * @returns a function that ends it
 */
export function reportReceipts(store: Store) {
  let timer: ReturnType<typeof setTimeout> | undefined
  let plannedAt = Number.POSITIVE_INFINITY
  let isReporting = false
  let isOver = false
  let nextAt = 0
  let nextInRoomsAt = 0

  const due = (kinds: ConversationView['kind'][]) =>
    Object.values(store.state.conversations)
      .filter(({ kind }) => kinds.includes(kind))
      .flatMap((conversation) => dueOf(conversation, store.userId))

  function plan() {
    if (isReporting || isOver || document.hidden) return
    if (due(['direct', 'group']).length) planAt(nextAt)
    else if (due(['room']).length) planAt(Math.max(nextAt, nextInRoomsAt))
  }

  function planAt(at: number) {
    const soonest = Math.max(at, Date.now() + waitForReaderMs)
    if (soonest >= plannedAt) return
    clearTimeout(timer)
    plannedAt = soonest
    timer = setTimeout(report, soonest - Date.now())
  }

  async function report() {
    clearTimeout(timer)
    plannedAt = Number.POSITIVE_INFINITY
    const isRoomsTurn = Date.now() >= nextInRoomsAt
    const receipts = due(isRoomsTurn ? ['direct', 'group', 'room'] : ['direct', 'group']).slice(0, 100)
    if (!receipts.length) return
    isReporting = true
    const waitMs = await post(receipts)
    isReporting = false
    nextAt = Date.now() + (waitMs ?? everyMs)
    if (isRoomsTurn) nextInRoomsAt = Date.now() + inRoomsEveryMs
    if (waitMs === undefined) for (const receipt of receipts) note(receipt)
    plan()
  }

  /** @returns how long to wait before it is tried again; nothing if it succeeded */
  async function post(receipts: Due[]) {
    const answer = await fetch('/receipts', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'parley-user': store.userId },
      body: JSON.stringify({ receipts }),
      // It goes out even if the page is left meanwhile.
      keepalive: true,
      signal: AbortSignal.timeout(tryAgainMs),
    }).catch(() => undefined)
    if (answer?.ok) {
      const { isSignedOut }: { isSignedOut?: true } = await answer.json().catch(() => ({}))
      if (isSignedOut) store.onSignedOut()
      return undefined
    }
    // The person is in none of them any more, and the event that said so was lost.
    if (answer?.status === 404) store.update()
    return Number(answer?.headers.get('retry-after')) * 1000 || tryAgainMs
  }

  const note = ({ conversationId, delivered, read }: Due) =>
    store.receive('receipt.updated', {
      conversationId,
      userId: store.userId,
      lastDeliveredSeq: delivered,
      lastReadSeq: read,
    })

  const unsubscribe = store.subscribe(plan)
  const onLeaving = () => plannedAt < Number.POSITIVE_INFINITY && report()
  document.addEventListener('visibilitychange', plan)
  addEventListener('pagehide', onLeaving)
  plan()
  return () => {
    isOver = true
    clearTimeout(timer)
    unsubscribe()
    document.removeEventListener('visibilitychange', plan)
    removeEventListener('pagehide', onLeaving)
  }
}

type Due = { conversationId: string; delivered: number; read: number }

/** What the server has not heard of a conversation: its own cursors are the person's receipt. */
function dueOf({ id, kind, lastSeq, lastReadSeq, receipts }: ConversationView, userId: string): Due | [] {
  const known = receipts.find((receipt) => receipt.userId === userId)
  // Nobody sees how far others have come in a room.
  const delivered = kind === 'room' ? lastReadSeq : lastSeq
  const isDue = delivered > (known?.lastDeliveredSeq ?? 0) || lastReadSeq > (known?.lastReadSeq ?? 0)
  return isDue ? { conversationId: id, delivered, read: lastReadSeq } : []
}
