import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import { orTooSlow } from '@/app/ui/slow-page'
import { orMissing } from '@/lib/errors'
import { listReports } from '@/lib/report-pages'
import { requireUser } from '@/lib/web/page-user'
import { missingPage } from '../../missing'
import { ReportView } from './report-view'

async function ReportsPage({ searchParams }: PageProps<'/operator/reports'>) {
  const user = await requireUser('/operator/reports')
  const found = await orMissing(listReports(user, String((await searchParams).from ?? '')))
  if (!found) return missingPage()
  const { reports, next } = found
  const sections = [
    ['Open', reports.filter(({ isOpen }) => isOpen)],
    ['Closed', reports.filter(({ isOpen }) => !isOpen)],
  ] as const
  return (
    <Page title="Reports">
      {reports.length === 0 && <p className="text-muted">Nobody has reported a message.</p>}
      {sections.map(
        ([title, listed]) =>
          listed.length > 0 && (
            <Section key={title} title={title}>
              <ul className="grid gap-6">
                {listed.map((report) => (
                  <ReportView key={report.id} report={report} user={user} />
                ))}
              </ul>
            </Section>
          ),
      )}
      {next && (
        <p>
          <Link href={`/operator/reports?from=${next}`} prefetch={false} className="link">
            Older reports
          </Link>
        </p>
      )}
    </Page>
  )
}

export default orTooSlow(ReportsPage, Page)
