import { useEffect } from 'react'
import { useIsHidden, useStore } from '@/app/browser/store-context'
import type { ConversationView } from '@/lib/views'
import { type ConversationState, newestSeqOf } from './conversation-state'

/** Marks the newest message read while the page is visible. */
export function useReading({ id, lastSeq }: ConversationView, state: ConversationState) {
  const store = useStore()
  const isHidden = useIsHidden()
  const { isNewest } = state
  const seq = isNewest ? newestSeqOf(state) : 0
  useEffect(() => {
    if (seq && !isHidden) store.markRead(id, seq)
  }, [store, id, seq, isHidden])

  // The server has marked the messages that it rendered, so they need no report.
  useEffect(() => {
    const { userId } = store
    const cursors = { lastDeliveredSeq: lastSeq, lastReadSeq: lastSeq }
    if (isNewest) store.receive('receipt.updated', { conversationId: id, userId, ...cursors })
  }, [store, id, lastSeq, isNewest])
}
