import { useEffect } from 'react'
import { useIsHidden, useStore } from '@/app/browser/store-context'
import type { ConversationView } from '@/lib/views'
import type { ConversationState } from './conversation-state'

/** Marks the newest message read while the page is visible. */
export function useReading({ id, lastSeq }: ConversationView, state: ConversationState) {
  const store = useStore()
  const isHidden = useIsHidden()
  const { isNewest } = state
  const { seq = 0, said = 0 } = (isNewest && state.messages.at(-1)) || {}
  useEffect(() => {
    if (seq && !isHidden) store.markRead(id, { seq, said })
  }, [store, id, seq, said, isHidden])

  // The server has marked the messages that it rendered, so they need no report.
  useEffect(() => {
    const { userId } = store
    const cursors = { lastDeliveredSeq: lastSeq, lastReadSeq: lastSeq }
    if (isNewest) store.receive('receipt.updated', { conversationId: id, userId, ...cursors })
  }, [store, id, lastSeq, isNewest])
}
