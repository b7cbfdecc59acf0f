import { notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { getConversation } from '@/lib/conversations'
import { Refusal } from '@/lib/errors'
import type { CurrentUser } from '@/lib/login-sessions'
import { requireUser } from '@/lib/web/current-user'
import { titleWithUnread } from '@/lib/web/overview'
import { ConversationView } from './view'

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
  if (conversation.kind === 'room') redirect(`/room/${conversation.name}`)
  return <ConversationView user={user} conversation={conversation} before={(await searchParams).before} />
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
