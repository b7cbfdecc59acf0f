import { redirect } from 'next/navigation'
import { ConversationView, openConversation } from '@/app/conversation/conversation-page'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../missing'

async function ConversationPage({ params, searchParams }: PageProps<'/c/[id]'>) {
  const { id } = await params
  const user = await requireUser(`/c/${id}`)
  const opened = await openConversation(user, id, await searchParams)
  if (!opened) return missingPage()
  const { kind, name } = opened.conversation
  if (kind === 'room') redirect(`/room/${name}`)
  return <ConversationView user={user} {...opened} />
}

export default orTooSlow(ConversationPage, Page)
