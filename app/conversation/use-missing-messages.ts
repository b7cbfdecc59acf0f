import { type Dispatch, useEffect, useEffectEvent, useState } from 'react'
import type { MessageUpdates } from '@/lib/views'
import { type ConversationAction, type ConversationState, findMissing } from './conversation-state'

/** By then the events that fill most gaps have arrived. */
const patienceMs = 300
const retryMs = 4000
const timeoutMs = 20_000

/**
 * Loads what is missing by itself: messages, and changes of messages. Older messages when called.
 * @param known the conversation's newest `seq` and version, as far as the page knows
 * @returns loads the page before the first message
 */
export function useMissingMessages(
  conversationId: string,
  state: ConversationState,
  known: { lastSeq: number; version: number },
  dispatch: Dispatch<ConversationAction>,
) {
  async function load(bounds: Record<string, number>): Promise<MessageUpdates> {
    const query = new URLSearchParams(Object.entries(bounds).map(([name, value]) => [name, String(value)]))
    const answer = await fetch(`/c/${conversationId}/messages?${query}`, {
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (!answer.ok) throw new Error(`The messages were not loaded: ${answer.status}.`)
    return answer.json()
  }

  const missing = findMissing(state, known)
  const { after, since } = missing ?? {}
  const [failures, setFailures] = useState(0)
  const fill = useEffectEvent(async (after: number, since?: number) => {
    try {
      const isGap = since === undefined
      const updates = await load({ after, limit: 100, ...(!isGap && { since }) })
      dispatch(isGap ? { type: 'loaded', ...updates } : { type: 'caughtUp', since, updates })
      setFailures(0)
    } catch {
      setFailures((count) => count + 1)
    }
  })
  useEffect(() => {
    if (after === undefined) return
    const timer = setTimeout(fill, failures ? retryMs : patienceMs, after, since)
    return () => clearTimeout(timer)
  }, [after, since, failures])

  return async () => {
    const older = await load({ before: state.messages[0]?.seq ?? 0, limit: 50 })
    dispatch({ type: 'loaded', ...older })
  }
}
