import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { findConversation } from '@/lib/conversations'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../../missing'
import { GroupPeople } from './group-people'

async function GroupPeoplePage({ params }: PageProps<'/c/[id]/people'>) {
  const { id } = await params
  const user = await requireUser(`/c/${id}/people`)
  const group = await findConversation(user, id)
  if (group?.kind !== 'group') return missingPage()
  return <GroupPeople group={group} />
}

export default orTooSlow(GroupPeoplePage, Page)
