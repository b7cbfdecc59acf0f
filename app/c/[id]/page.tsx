import { notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { getConversation } from '@/lib/conversations'
import { Refusal } from '@/lib/errors'
import type { CurrentUser } from '@/lib/login-sessions'
import { requireUser } from '@/lib/web/current-user'
import { pageOverview, titleWithUnread } from '@/lib/web/overview'
import { ConversationView, readMessages } from './view'

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
  const [conversation, messages] = await Promise.all([
    open(user, id),
    readMessages(user, id, before).catch(orNotFound),
    // For the frame and the title.
    pageOverview(),
  ])
  if (conversation.kind === 'room') redirect(`/room/${conversation.name}`)
  return <ConversationView user={user} conversation={conversation} messages={messages} before={before} />
}

const open = cache((user: CurrentUser, id: string) => getConversation(user, id).catch(orNotFound))

/** proxy.ts has sent away who may not see it; this is for a membership that ended meanwhile. */
function orNotFound(error: unknown): never {
  if (error instanceof Refusal) notFound()
  throw error
}
