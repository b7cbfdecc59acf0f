import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { listMentions } from '@/lib/mentions'
import { requireUser } from '@/lib/web/page-user'
import { MentionRows } from './mention-rows'

async function MentionsPage() {
  const user = await requireUser('/mentions')
  const mentions = await listMentions(user)
  return (
    <Page title="Mentions">
      <p className="text-muted">
        {mentions.length
          ? 'The last messages that mention you.'
          : `Nobody has mentioned you yet. A message with @${user.username} does.`}
      </p>
      <MentionRows mentions={mentions} />
    </Page>
  )
}

export default orTooSlow(MentionsPage, Page)
