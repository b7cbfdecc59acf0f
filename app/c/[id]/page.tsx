import { headers } from 'next/headers'
import { notFound } from 'next/navigation'
import { cache } from 'react'
import { Shell } from '@/app/ui/shell'
import { getConversation } from '@/lib/conversations'
import { Refusal } from '@/lib/errors'
import type { CurrentUser } from '@/lib/login-sessions'
import { listMessages, pageLength } from '@/lib/messages'
import { markRead } from '@/lib/receipts'
import { requireUser } from '@/lib/web/current-user'
import { pageOverview, titleWithUnread } from '@/lib/web/overview'
import { pageRealtimeAddress } from '@/lib/web/realtime-address'
import { Conversation } from './conversation'

type Props = PageProps<'/c/[id]'>

export async function generateMetadata({ params }: Props) {
  const { id } = await params
  const user = await requireUser(`/c/${id}`)
  const { name } = await open(user, id)
  return titleWithUnread(name, id)
}

export default async function ConversationPage({ params, searchParams }: Props) {
  const { id } = await params
  const user = await requireUser(`/c/${id}`)
  const { before } = await searchParams
  const isNewest = before === undefined
  const [conversation, messages] = await Promise.all([
    open(user, id),
    readMessages(user, id, before),
    // For the frame and the title.
    pageOverview(),
  ])
  const isUnread = conversation.lastReadSeq < conversation.lastSeq
  if (isNewest && isUnread && (await isLookedAt())) await markRead(user, id, { seq: conversation.lastSeq })
  return (
    <Shell user={user} view="conversation" openId={id}>
      <Conversation
        key={`${id} ${before}`}
        conversation={conversation}
        messages={messages}
        isNewest={isNewest}
        userId={user.id}
        realtime={await pageRealtimeAddress()}
        nonce={crypto.randomUUID()}
      />
    </Shell>
  )
}

const open = cache((user: CurrentUser, id: string) => getConversation(user, id).catch(orNotFound))

/** The newest messages where the address does not say before which. */
async function readMessages(user: CurrentUser, id: string, before: unknown) {
  const isSeq = typeof before === 'string' && /^\d{1,15}$/.test(before)
  return listMessages(user, id, { before: isSeq ? before : undefined, limit: pageLength }).catch(orNotFound)
}

/** proxy.ts has sent away who may not see it; this is for a membership that ended meanwhile. */
function orNotFound(error: unknown): never {
  if (error instanceof Refusal) notFound()
  throw error
}

/**
 * Whether a person opened the page: a page brought up to date by its own script says itself what
 * somebody looks at, for it may lie in the background.
 */
const isLookedAt = async () => (await headers()).get('sec-fetch-dest') !== 'empty'
