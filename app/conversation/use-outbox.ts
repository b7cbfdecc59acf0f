import { type Dispatch, useEffect, useEffectEvent } from 'react'
import { outboxOf, type Pending } from '@/app/browser/outbox'
import { useStore } from '@/app/browser/store-context'
import type { Message } from '@/lib/views'
import { type ConversationAction, type ConversationState, splitEntries } from './conversation-state'

type Place = { conversationId: string; path: string }

/**
 * Connects the conversation to the person's outbox.
 * @param onPage the messages that the server rendered
 */
export function useOutbox(
  { conversationId, path }: Place,
  onPage: Message[],
  state: ConversationState,
  dispatch: Dispatch<ConversationAction>,
) {
  const store = useStore()
  const { userId } = store
  const onChange = useEffectEvent((all: Pending[], stored?: Message) => {
    if (stored) store.receive('message.created', { ...stored, conversationVersion: 0 })
    dispatch({
      type: 'outbox',
      entries: all.filter((entry) => entry.conversationId === conversationId),
      stored: stored?.conversationId === conversationId ? stored : undefined,
    })
  })
  useEffect(() => {
    const outbox = outboxOf(userId)
    outbox.onSignedOut = () => store.onSignedOut()
    return outbox.listen(onChange)
  }, [userId, store])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new render shows that the site answers
  useEffect(() => void outboxOf(userId).flush(), [userId, onPage])

  const { stored, pending } = splitEntries(state)
  useEffect(() => {
    for (const { nonce } of stored) outboxOf(userId).remove(nonce)
  })

  return {
    pending,
    send: (body: string) => outboxOf(userId).add({ conversationId, path, body }),
    remove: (nonce: string) => outboxOf(userId).remove(nonce),
    tryAgain: () => outboxOf(userId).flush(),
  }
}
