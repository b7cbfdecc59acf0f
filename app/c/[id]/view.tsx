import { headers } from 'next/headers'
import { notFound } from 'next/navigation'
import type { ReactNode } from 'react'
import { Shell } from '@/app/ui/shell'
import type { ConversationView as View } from '@/lib/conversations'
import { asRefusal, Refusal } from '@/lib/errors'
import type { CurrentUser } from '@/lib/login-sessions'
import { listMessages, type Message, pageLength } from '@/lib/messages'
import { markRead } from '@/lib/receipts'
import { sealAuthor } from '@/lib/web/author'
import { findDraftHere } from '@/lib/web/kept-draft'
import { pageRealtime } from '@/lib/web/page-realtime'
import { Conversation } from './conversation'

type ConversationViewProps = {
  user: CurrentUser
  conversation: View
  messages: Message[]
  /** What the address says of where the page ends; nothing for the newest messages. */
  before: unknown
  leave?: ReactNode
}

/** An open conversation with a page of its messages: the newest, or those before a `seq`. */
export async function ConversationView({
  user,
  conversation,
  messages,
  before,
  leave,
}: ConversationViewProps) {
  const { id, lastReadSeq, lastSeq } = conversation
  const isNewest = before === undefined
  if (isNewest && lastReadSeq < lastSeq && (await isLookedAt()))
    await markRead(user, id, { seq: lastSeq }).catch(unlessRefused)
  return (
    <Shell user={user} view="conversation" openId={id}>
      <Conversation
        key={`${id} ${before}`}
        conversation={conversation}
        messages={messages}
        isNewest={isNewest}
        userId={user.id}
        author={sealAuthor(user.id)}
        realtime={await pageRealtime(user)}
        nonce={crypto.randomUUID()}
        draft={isNewest ? await findDraftHere(user, id) : undefined}
        leave={leave}
      />
    </Shell>
  )
}

/** The newest messages where the address does not say before which. */
export async function readMessages(user: CurrentUser, id: string, before: unknown) {
  const isSeq = typeof before === 'string' && /^\d{1,15}$/.test(before)
  return listMessages(user, id, { before: isSeq ? before : undefined, limit: pageLength })
}

/**
 * Whether a person opened the page: a page brought up to date by its own script says itself what
 * somebody looks at, for it may lie in the background.
 */
const isLookedAt = async () => (await headers()).get('sec-fetch-dest') !== 'empty'

/** The page is shown even if it cannot be marked read: over the limit, or if the person left meanwhile. */
function unlessRefused(error: unknown) {
  if (!asRefusal(error)) throw error
}

/** For what a page asks of lib: a refusal is a page that is not there. */
export function orNotFound(error: unknown): never {
  if (error instanceof Refusal) notFound()
  throw error
}
