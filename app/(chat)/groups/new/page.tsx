import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { listPartners } from '@/lib/people'
import { requireUser } from '@/lib/web/page-user'
import { NewGroupForm } from './new-group-form'

async function NewGroupPage() {
  const user = await requireUser('/groups/new')
  return (
    <Page title="New group">
      {user.isGuest ? (
        <>
          <p>Guests can’t make groups. Set a password first, in your settings.</p>
          <p>
            <Link href="/settings" prefetch={false} className="link">
              Set a password
            </Link>
          </p>
        </>
      ) : (
        <>
          <p className="text-muted">
            Everyone you choose gets an invitation, and is in the group once they accept. New members see all
            that was said before.
          </p>
          <NewGroupForm partners={await listPartners(user)} />
        </>
      )}
    </Page>
  )
}

export default orTooSlow(NewGroupPage, Page)
