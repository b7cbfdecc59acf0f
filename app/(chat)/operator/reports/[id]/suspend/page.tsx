import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { orTooSlow } from '@/app/ui/slow-page'
import { getUser } from '@/lib/accounts'
import { orMissing } from '@/lib/errors'
import { findReport } from '@/lib/reports'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../../../missing'
import { Suspension } from '../../../people/suspension'

/** Suspends the sender of a reported message: moderators have no pages of people. */
async function SuspendPage({ params }: PageProps<'/operator/reports/[id]/suspend'>) {
  const { id } = await params
  const user = await requireUser(`/operator/reports/${id}/suspend`)
  const report = await orMissing(findReport(user, id))
  if (!report) return missingPage()
  const person = await getUser(report.reportedId)
  return (
    <Page title={person.name}>
      <p>
        <Link href="/operator/reports" prefetch={false} className="link">
          Back to the reports
        </Link>
      </p>
      <Suspension user={user} person={person} />
    </Page>
  )
}

export default orTooSlow(SuspendPage, Page)
