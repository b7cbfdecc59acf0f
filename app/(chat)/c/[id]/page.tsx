import { redirect } from 'next/navigation'
import { ConversationView, openConversation } from '@/app/conversation/conversation-page'
import { withPlace } from '@/app/conversation/permalink'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../missing'

async function ConversationPage({ params, searchParams }: PageProps<'/c/[id]'>) {
  const { id } = await params
  const query = await searchParams
  const user = await requireUser(withPlace(`/c/${id}`, query))
  const opened = await openConversation(user, id, query)
  if (!opened) return missingPage()
  const { kind, name } = opened.conversation
  if (kind === 'room') redirect(withPlace(`/room/${name}`, query))
  return <ConversationView user={user} {...opened} />
}

export default orTooSlow(ConversationPage, Page)
