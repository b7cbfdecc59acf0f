import { useEffect, useEffectEvent, useState } from 'react'
import { outboxOf, type Pending } from '@/app/browser/outbox'
import { useStore } from '@/app/browser/store-context'
import type { Message } from '@/lib/views'

type Place = { conversationId: string; path: string }

/** What was sent in this conversation and is not among its messages yet. */
export function useOutbox(
  { conversationId, path }: Place,
  messages: Message[],
  /** The page's own: others come when the page is rendered again. */
  onPage: Message[],
  onStored: (message: Message) => void,
) {
  const store = useStore()
  const { userId } = store
  const [entries, setEntries] = useState<Pending[]>([])
  const onChange = useEffectEvent((all: Pending[], stored?: Message) => {
    if (stored) store.receive('message.created', stored)
    if (stored?.conversationId === conversationId) onStored(stored)
    setEntries(all.filter((entry) => entry.conversationId === conversationId))
  })
  useEffect(() => {
    const outbox = outboxOf(userId)
    outbox.onSignedOut = () => store.onSignedOut()
    return outbox.listen(onChange)
  }, [userId, store])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a page that came is a site that answers
  useEffect(() => void outboxOf(userId).flush(), [userId, onPage])

  const stored = new Set(messages.flatMap(({ sender, nonce }) => (sender.id === userId ? nonce : [])))
  const settled = entries.filter(({ nonce }) => stored.has(nonce))
  useEffect(() => {
    for (const { nonce } of settled) outboxOf(userId).remove(nonce)
  })

  return {
    pending: entries.filter(({ nonce }) => !stored.has(nonce)),
    send: (body: string) => outboxOf(userId).add({ conversationId, path, body }),
    remove: (nonce: string) => outboxOf(userId).remove(nonce),
    tryAgain: () => outboxOf(userId).flush(),
  }
}
