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
import { titleWithUnread } from '@/lib/web/overview'
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
  const conversation = await open(user, id)
  const { before } = await searchParams
  const isNewest = before === undefined
  const [messages] = await Promise.all([
    readMessages(user, id, before),
    isNewest && (await isLookedAt()) && markRead(user, id, { seq: conversation.lastSeq }),
  ])
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

const open = cache(async (user: CurrentUser, id: string) => {
  try {
    return await getConversation(user, id)
  } catch (error) {
    // proxy.ts has sent away who may not see it; this is for a membership that ended meanwhile.
    if (error instanceof Refusal) notFound()
    throw error
  }
})

/** The newest messages where the address does not say before which. */
async function readMessages(user: CurrentUser, id: string, before: unknown) {
  const isSeq = typeof before === 'string' && /^\d{1,15}$/.test(before)
  return listMessages(user, id, { before: isSeq ? before : undefined, limit: pageLength })
}

/**
 * Whether a person opened the page: a page brought up to date by its own script says itself what
 * somebody looks at, for it may lie in the background.
 */
const isLookedAt = async () => (await headers()).get('sec-fetch-dest') !== 'empty'
