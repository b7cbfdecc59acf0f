import { redirect } from 'next/navigation'
import { cache } from 'react'
import { orTooSlow, titleOrTooSlow } from '@/app/ui/slow-page'
import { getConversation } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/login-sessions'
import { requireUser } from '@/lib/web/current-user'
import { pageOverview, titleWithUnread } from '@/lib/web/overview'
import { ConversationView, orNotFound, readMessages } from './view'

type Props = PageProps<'/c/[id]'>

async function makeMetadata({ params }: Props) {
  const { id } = await params
  const user = await requireUser(`/c/${id}`)
  const { name } = await open(user, id)
  return titleWithUnread(name, id)
}

export const generateMetadata = titleOrTooSlow(makeMetadata)

async function ConversationPage({ params, searchParams }: Props) {
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

export default orTooSlow(ConversationPage)

// proxy.ts has sent away who may not see it; the 404 is for a membership that ended meanwhile.
const open = cache((user: CurrentUser, id: string) => getConversation(user, id).catch(orNotFound))
