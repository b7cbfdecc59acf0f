import { type Dispatch, useEffect, useEffectEvent, useState } from 'react'
import type { Message } from '@/lib/views'
import { type ConversationAction, type ConversationState, missingAfter } from './conversation-state'

/** By then the events that fill most gaps have arrived. */
const patienceMs = 300
const retryMs = 4000
const timeoutMs = 20_000

/**
 * Loads messages that are missing: those of a gap by itself, older ones when called.
 * @param lastSeq the newest message's `seq`, as far as the page knows
 * @returns loads the page before the first message
 */
export function useMissingMessages(
  conversationId: string,
  state: ConversationState,
  lastSeq: number,
  dispatch: Dispatch<ConversationAction>,
) {
  async function load(bounds: Record<string, number>) {
    const query = new URLSearchParams(Object.entries(bounds).map(([name, value]) => [name, String(value)]))
    const answer = await fetch(`/c/${conversationId}/messages?${query}`, {
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!answer.ok) throw new Error(`The messages were not loaded: ${answer.status}.`)
    const { messages }: { messages: Message[] } = await answer.json()
    dispatch({ type: 'loaded', messages })
  }

  const after = missingAfter(state, lastSeq)
  const [failures, setFailures] = useState(0)
  const fill = useEffectEvent((after: number) =>
    load({ after, limit: 100 }).then(
      () => setFailures(0),
      () => setFailures((count) => count + 1),
    ),
  )
  useEffect(() => {
    if (after === undefined) return
    const timer = setTimeout(fill, failures ? retryMs : patienceMs, after)
    return () => clearTimeout(timer)
  }, [after, failures])

  return () => load({ before: state.messages[0]?.seq ?? 0, limit: 50 })
}
