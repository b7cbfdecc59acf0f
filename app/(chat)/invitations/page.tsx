import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { listAnswered } from '@/lib/invitations'
import { requireUser } from '@/lib/web/page-user'
import { InvitationLists } from './lists'

async function InvitationsPage() {
  const user = await requireUser('/invitations')
  if (user.isGuest)
    return (
      <Page title="Invitations">
        <p>Guests can’t send or receive invitations. Set a password first, in your settings.</p>
        <p>
          <Link href="/settings" prefetch={false} className="link">
            Set a password
          </Link>
        </p>
      </Page>
    )
  return (
    <Page title="Invitations">
      <InvitationLists answered={await listAnswered(user)} />
      <p>
        <Link href="/people" prefetch={false} className="link">
          Find someone to invite
        </Link>
      </p>
    </Page>
  )
}

export default orTooSlow(InvitationsPage, Page)
