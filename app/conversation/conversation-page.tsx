import { after } from 'next/server'
import type { ReactNode } from 'react'
import { pathOf } from '@/app/conversation/permalink'
import { getConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { findDraft } from '@/lib/drafts'
import { asRefusal, Refusal } from '@/lib/errors'
import { findMessage, listMessages, pageLength } from '@/lib/history'
import { markRead } from '@/lib/receipts'
import type { Draft, Message, ConversationView as View } from '@/lib/views'
import { sealOwner } from '@/lib/web/form-owner'
import { Conversation } from './conversation'
import { notKeptPage } from './not-kept'
import { packMessages } from './packed-messages'
import { isAnswerable } from './quote'

type Opened = {
  conversation: View
  messages: Message[]
  /** The conversation's version when the messages were loaded. */
  version: number
  /** Whether these are the newest messages, and not an older page. */
  isNewest: boolean
  /** Whether the query asks for a message that is no longer kept. */
  isExpired: boolean
  /** The message that the composer answers. */
  answered?: Message
  draft?: Draft
}

/** The values of a conversation page's query. Those that are malformed are ignored. */
type Query = { before?: unknown; at?: unknown; reply?: unknown; draft?: unknown }

/**
 * Loads a conversation with a page of its messages: the newest, those before the `seq` in the query, or those around
 * it (`at`).
 * @returns undefined if the conversation does not exist or the person is not in it
 */
export async function openConversation(
  user: CurrentUser,
  id: string,
  { before, at, reply, draft }: Query,
): Promise<Opened | undefined> {
  const [older, around, answered] = [before, at, reply].map(toSeq)
  try {
    const [conversation, { messages, version, more }, message, kept] = await Promise.all([
      getConversation(user, id),
      listMessages(user, id, { before: older, around, limit: pageLength }),
      answered ? findMessage(user, id, answered) : undefined,
      typeof draft === 'string' ? findDraft(user, id, draft) : undefined,
    ])
    return {
      conversation,
      messages,
      version,
      isNewest: around === undefined ? before === undefined : !more,
      isExpired: around !== undefined && around > 0 && around < conversation.firstSeq,
      answered: message && isAnswerable(message) ? message : undefined,
      draft: kept,
    }
  } catch (error) {
    if (error instanceof Refusal) return undefined
    throw error
  }
}

const toSeq = (value: unknown) =>
  typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined

/** The page of a conversation. Marks messages read when it shows them. */
export async function ConversationView({
  user,
  conversation,
  messages,
  version,
  isNewest,
  isExpired,
  answered,
  draft,
  leave,
}: Opened & { user: CurrentUser; leave?: ReactNode }) {
  const { id, lastReadSeq } = conversation
  if (isExpired) return notKeptPage(pathOf(conversation))
  const seq = lastRead(conversation, messages, isNewest)
  // Starts now, because the next page may be requested as soon as this one arrives. The render does not wait for it.
  if (lastReadSeq < seq) after(markRead(user, id, { seq }).catch(unlessRefused))
  return (
    <Conversation
      key={`${id} ${isNewest || messages.at(-1)?.seq}`}
      conversation={conversation}
      messages={packMessages(messages)}
      version={version}
      isNewest={isNewest}
      answered={answered}
      owner={sealOwner(user.id)}
      nonce={crypto.randomUUID()}
      draft={draft}
      leave={leave}
    />
  )
}

/** The last message that a page shows; 0 if it leaves out unread ones before its own, which stay unread. */
function lastRead({ lastSeq, lastReadSeq }: View, messages: Message[], isNewest: boolean) {
  if (isNewest) return lastSeq
  const [first] = messages
  return first && first.seq <= lastReadSeq + 1 ? (messages.at(-1)?.seq ?? 0) : 0
}

/** Refused over the limit, or if the person has left meanwhile. */
function unlessRefused(error: unknown) {
  if (!asRefusal(error)) throw error
}
