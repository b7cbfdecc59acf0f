import { after } from 'next/server'
import type { ReactNode } from 'react'
import { getConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { findDraft } from '@/lib/drafts'
import { asRefusal, Refusal } from '@/lib/errors'
import { listMessages, pageLength } from '@/lib/history'
import { markRead } from '@/lib/receipts'
import type { Draft, Message, ConversationView as View } from '@/lib/views'
import { sealOwner } from '@/lib/web/form-owner'
import { Conversation } from './conversation'
import { packMessages } from './packed-messages'

type Opened = {
  conversation: View
  messages: Message[]
  /** The conversation's version when the messages were loaded. */
  version: number
  /** Whether these are the newest messages, and not an older page. */
  isNewest: boolean
  draft?: Draft
}

/**
 * Loads a conversation with a page of its messages: the newest, or those before the `seq` in the query.
 * @returns undefined if the conversation does not exist or the person is not in it
 */
export async function openConversation(
  user: CurrentUser,
  id: string,
  { before, draft }: { before?: unknown; draft?: unknown },
): Promise<Opened | undefined> {
  const isSeq = typeof before === 'string' && /^\d{1,15}$/.test(before)
  try {
    const [conversation, { messages, version }, kept] = await Promise.all([
      getConversation(user, id),
      listMessages(user, id, { before: isSeq ? before : undefined, limit: pageLength }),
      typeof draft === 'string' ? findDraft(user, id, draft) : undefined,
    ])
    return { conversation, messages, version, isNewest: before === undefined, draft: kept }
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** The page of a conversation. The newest messages are marked read when it shows them. */
export async function ConversationView({
  user,
  conversation,
  messages,
  version,
  isNewest,
  draft,
  leave,
}: Opened & { user: CurrentUser; leave?: ReactNode }) {
  const { id, lastReadSeq, lastSeq } = conversation
  // Starts now, because the next page may be requested as soon as this one arrives. The render does not wait for it.
  if (isNewest && lastReadSeq < lastSeq) after(markRead(user, id, { seq: lastSeq }).catch(unlessRefused))
  return (
    <Conversation
      key={`${id} ${isNewest || messages.at(-1)?.seq}`}
      conversation={conversation}
      messages={packMessages(messages)}
      version={version}
      isNewest={isNewest}
      owner={sealOwner(user.id)}
      nonce={crypto.randomUUID()}
      draft={draft}
      leave={leave}
    />
  )
}

/** Refused over the limit, or if the person has left meanwhile. */
function unlessRefused(error: unknown) {
  if (!asRefusal(error)) throw error
}
