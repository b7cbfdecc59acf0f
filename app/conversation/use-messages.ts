import { useEffect, useEffectEvent, useState } from 'react'
import { findHole, mergeMessages } from '@/app/browser/merge-messages'
import type { Message } from '@/lib/views'

/** A message's event and the one for lists come together: a lack of either shows by then. */
const patienceMs = 300
const tryAgainMs = 4000
const loadMs = 20_000

/**
 * A conversation's messages: the page's own, those that come, and those that were missed in between.
 * @param lastSeq of the newest message that is known to be there
 */
export function useMessages(conversationId: string, onPage: Message[], lastSeq: number) {
  const [messages, setMessages] = useState(onPage)
  const add = (more: Message[]) => setMessages((known) => mergeMessages(known, more))

  async function load(bounds: Record<string, number>) {
    const query = new URLSearchParams(Object.entries(bounds).map(([name, value]) => [name, String(value)]))
    const answer = await fetch(`/c/${conversationId}/messages?${query}`, {
      signal: AbortSignal.timeout(loadMs),
    })
    if (!answer.ok) throw new Error(`The messages were not loaded: ${answer.status}.`)
    const { messages }: { messages: Message[] } = await answer.json()
    add(messages)
  }

  useEffect(() => setMessages((known) => mergeMessages(known, onPage)), [onPage])

  const newestSeq = messages.at(-1)?.seq ?? 0
  const missedAfter = findHole(messages) ?? (newestSeq < lastSeq ? newestSeq : undefined)
  const [failures, setFailures] = useState(0)
  const fill = useEffectEvent((after: number) =>
    load({ after, limit: 100 }).then(
      () => setFailures(0),
      () => setFailures((count) => count + 1),
    ),
  )
  useEffect(() => {
    if (missedAfter === undefined) return
    const timer = setTimeout(fill, failures ? tryAgainMs : patienceMs, missedAfter)
    return () => clearTimeout(timer)
  }, [missedAfter, failures])

  return { messages, add, loadOlder: () => load({ before: messages[0]?.seq ?? 0, limit: 50 }) }
}
