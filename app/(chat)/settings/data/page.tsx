import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { requireUser } from '@/lib/web/page-user'

export default async function DataPage() {
  await requireUser('/settings/data')
  return (
    <Page title="Your data">
      <Section title="Delete account">
        <p>
          You can delete your account, and choose whether your messages stay.{' '}
          <Link href="/settings/data/delete" prefetch={false} className="link">
            Delete account
          </Link>
        </p>
      </Section>
    </Page>
  )
}
