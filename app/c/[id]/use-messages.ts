import { useEffect, useEffectEvent, useState } from 'react'
import { findHole, mergeMessages } from '@/app/ui/merge-messages'
import type { Message } from '@/lib/messages'

/** A conversation's messages: the page's own, those that come, and those that were missed in between. */
export function useMessages(conversationId: string, onPage: Message[]) {
  const [messages, setMessages] = useState(onPage)
  const add = (more: Message[]) => setMessages((known) => mergeMessages(known, more))

  async function load(bounds: Record<string, number>) {
    const query = new URLSearchParams(Object.entries(bounds).map(([name, value]) => [name, String(value)]))
    const answer = await fetch(`/c/${conversationId}/messages?${query}`)
    if (!answer.ok) throw new Error(`The messages were not loaded: ${answer.status}.`)
    const { messages }: { messages: Message[] } = await answer.json()
    add(messages)
  }

  // The page comes anew after a break and after each change: what it holds is the truth.
  useEffect(() => setMessages((known) => mergeMessages(known, onPage)), [onPage])

  const fill = useEffectEvent((after: number) => load({ after, limit: 100 }).catch(() => {}))
  const hole = findHole(messages)
  useEffect(() => {
    if (hole !== undefined) fill(hole)
  }, [hole])

  return {
    messages,
    add,
    loadOlder: () => load({ before: messages[0]?.seq ?? 0, limit: 50 }),
    loadNewer: () => load({ after: messages.at(-1)?.seq ?? 0, limit: 100 }),
  }
}
