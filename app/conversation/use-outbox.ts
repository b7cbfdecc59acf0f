import { type Dispatch, useCallback, useEffect, useEffectEvent } from 'react'
import { type Change, outboxOf, type Pending } from '@/app/browser/outbox'
import { useStore } from '@/app/browser/store-context'
import type { Message } from '@/lib/views'
import { type ConversationAction, type ConversationState, splitEntries } from './conversation-state'
import type { SetReaction } from './reactions'

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

  const { stored, pending, changes } = splitEntries(state)
  useEffect(() => {
    for (const message of stored) outboxOf(userId).settle(message.nonce, message)
  })

  const change = useCallback(
    (change: Change) => outboxOf(userId).change({ conversationId, path, change }),
    [userId, conversationId, path],
  )
  const setReaction: SetReaction = useCallback(
    (seq, emoji, added) => change({ what: 'react', seq, emoji, added }),
    [change],
  )

  /** Replaces the text of an entry. */
  function save(entry: Pending, body: string) {
    const known = state.messages.find(({ seq }) => seq === entry.change?.seq)
    outboxOf(userId).edit(entry, body, known?.version)
  }

  return {
    pending,
    changes,
    send: (body: string, replyTo?: number) => outboxOf(userId).add({ conversationId, path, body, replyTo }),
    change,
    setReaction,
    save,
    discard: (nonce: string) => outboxOf(userId).discard(nonce),
    tryAgain: () => outboxOf(userId).flush(),
  }
}
