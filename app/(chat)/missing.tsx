import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { setPageStatus } from '@/lib/web/page-status'

/** A page with status 404. */
export function missingPage() {
  setPageStatus(404)
  return (
    <Page title="Page not found">
      <p>It does not exist, or you do not have access to it.</p>
      <p>
        <Link href="/" prefetch={false} className="link">
          Go to the home page
        </Link>
      </p>
    </Page>
  )
}
