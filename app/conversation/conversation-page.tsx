import { after } from 'next/server'
import type { ReactNode } from 'react'
import { getConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { asRefusal, Refusal } from '@/lib/errors'
import { listMessages, pageLength } from '@/lib/messages'
import { markRead } from '@/lib/receipts'
import type { Message, ConversationView as View } from '@/lib/views'
import { findDraftHere } from '@/lib/web/draft-cookie'
import { sealAuthor } from '@/lib/web/form-owner'
import { Conversation } from './conversation'

type Opened = {
  conversation: View
  messages: Message[]
  /** Whether these are the newest messages, and not an older page. */
  isNewest: boolean
}

/**
 * A conversation with a page of its messages: the newest, or those before the `seq` that the address names. Nothing if
 * there is no such conversation, or the person is not in it.
 */
export async function openConversation(
  user: CurrentUser,
  id: string,
  before: unknown,
): Promise<Opened | undefined> {
  const isSeq = typeof before === 'string' && /^\d{1,15}$/.test(before)
  try {
    const [conversation, messages] = await Promise.all([
      getConversation(user, id),
      listMessages(user, id, { before: isSeq ? before : undefined, limit: pageLength }),
    ])
    return { conversation, messages, isNewest: before === undefined }
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

/** An open conversation. If it shows the newest messages, they count as read. */
export async function ConversationView({
  user,
  conversation,
  messages,
  isNewest,
  leave,
}: Opened & { user: CurrentUser; leave?: ReactNode }) {
  const { id, lastReadSeq, lastSeq } = conversation
  // It begins now, because the next page may be asked for as soon as this one is there; the render does not wait for it.
  if (isNewest && lastReadSeq < lastSeq) after(markRead(user, id, { seq: lastSeq }).catch(unlessRefused))
  return (
    <Conversation
      key={`${id} ${isNewest || messages.at(-1)?.seq}`}
      conversation={conversation}
      messages={messages}
      isNewest={isNewest}
      author={sealAuthor(user.id)}
      nonce={crypto.randomUUID()}
      draft={isNewest ? await findDraftHere(user, id) : undefined}
      leave={leave}
    />
  )
}

/** Over the limit, or if the person left meanwhile, it is not marked. */
function unlessRefused(error: unknown) {
  if (!asRefusal(error)) throw error
}
