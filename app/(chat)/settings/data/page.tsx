import Link from 'next/link'
import { currentPassword } from '@/app/(account)/fields'
import { Alert } from '@/app/ui/alert'
import { FieldRow } from '@/app/ui/form'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { requireUser } from '@/lib/web/page-user'
import { explainRefused } from './refused'

export default async function DataPage({ searchParams }: PageProps<'/settings/data'>) {
  const { isGuest } = await requireUser('/settings/data')
  const { error, alert } = explainRefused(await searchParams)
  return (
    <Page title="Your data">
      <Section title="Export">
        <p>
          A ZIP file with your profile, and all conversations that you can see: as pages to read, and as JSON
          for programs. You can export your data twice in 24 hours.
        </p>
        <form method="post" action="/settings/data/export" className="grid gap-4" noValidate>
          {alert && <Alert>{alert}</Alert>}
          {!isGuest && <FieldRow {...currentPassword} isSending={false} error={error} />}
          <div className="flex">
            <button type="submit" className="button button-primary">
              Export my data
            </button>
          </div>
        </form>
      </Section>
      <Section title="Delete account">
        <p>
          You can delete your account, and choose whether your messages stay.{' '}
          <Link href="/settings/data/delete" prefetch={false} className="link">
            Delete account
          </Link>
        </p>
      </Section>
      <p className="text-muted">
        Backups of this site hold older states: whatever is deleted stays in them until they are deleted
        themselves.
      </p>
    </Page>
  )
}
