import type { ConversationView } from '@/lib/views'
import type { Store } from './store'

const everyMs = 1000
/** Rarer in rooms, where each message has many readers. Only the person's other tabs need this cursor. */
const inRoomsEveryMs = 30_000
const retryMs = 5000
/** A received message is usually read a moment later, and then one report is enough for both. */
const waitForReaderMs = 50

/**
 * Reports what was delivered and read on this page, at most once a second and when the page is closed. A page in the
 * background plans no reports.
 * @returns a function that stops it
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

  /** @returns how long to wait before a retry; undefined after success */
  async function post(receipts: Due[]) {
    const answer = await fetch('/receipts', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'parley-user': store.userId },
      body: JSON.stringify({ receipts }),
      // Sent even if the page is closed.
      keepalive: true,
      signal: AbortSignal.timeout(retryMs),
    }).catch(() => undefined)
    if (answer?.ok) {
      const { isSignedOut }: { isSignedOut?: true } = await answer.json().catch(() => ({}))
      if (isSignedOut) store.onSignedOut()
      return undefined
    }
    // The person is in none of these conversations any more, and the event was lost.
    if (answer?.status === 404) store.update()
    return Number(answer?.headers.get('retry-after')) * 1000 || retryMs
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

/** The cursors of a conversation that were not reported yet. The person's receipt holds the reported ones. */
function dueOf({ id, kind, lastSeq, lastReadSeq, receipts }: ConversationView, userId: string): Due | [] {
  const known = receipts.find((receipt) => receipt.userId === userId)
  // Rooms have no delivery receipts.
  const delivered = kind === 'room' ? lastReadSeq : lastSeq
  const isDue = delivered > (known?.lastDeliveredSeq ?? 0) || lastReadSeq > (known?.lastReadSeq ?? 0)
  return isDue ? { conversationId: id, delivered, read: lastReadSeq } : []
}
