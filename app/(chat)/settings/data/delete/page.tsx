import Link from 'next/link'
import { currentPassword } from '@/app/(account)/fields'
import { type Field, Form } from '@/app/ui/form'
import { Page } from '@/app/ui/page-body'
import { requireUser } from '@/lib/web/page-user'
import { deleteOwnAccount } from '../actions'

export default async function DeleteAccountPage() {
  const { isGuest, siteRole } = await requireUser('/settings/data/delete')
  return (
    <Page title="Delete account">
      <div className="grid gap-3">
        <p>
          This cannot be undone. You are logged out everywhere at once. Your profile, login sessions, drafts,
          blocks and invitations are deleted, and you leave all groups and rooms. Direct conversations stay
          with the other person and are closed: nobody can write there any more.
        </p>
        <p>
          Others see “Deleted person” in place of your name. Your messages stay or are deleted, as you choose.
          Deleting many messages can take up to an hour. Reactions to messages of others stay, and so do
          reports. Nobody can take your username for 90 days.
        </p>
        {siteRole === 'operator' && (
          <p>You are an operator. The last operator of a site cannot delete the account.</p>
        )}
        <p className="text-muted">
          Backups of this site hold older states: whatever you delete stays in them until they are deleted
          themselves. To keep a copy,{' '}
          <Link href="/settings/data" prefetch={false} className="link">
            export your data
          </Link>{' '}
          first.
        </p>
      </div>
      <Form
        action={deleteOwnAccount}
        fields={[...(isGuest ? [] : [currentPassword]), ...fields]}
        button="Delete account"
        isDanger
      />
      <p>
        <Link href="/settings/data" prefetch={false} className="link">
          Cancel
        </Link>
      </p>
    </Page>
  )
}

const fields: Field[] = [
  {
    name: 'username',
    label: 'Username',
    autoComplete: 'off',
    hint: 'Write your username again, to be sure.',
  },
  {
    name: 'messages',
    label: 'Your messages',
    options: [
      ['', 'Choose'],
      ['keep', 'Keep them, under “Deleted person”'],
      ['erase', 'Delete all of them'],
    ],
  },
]
