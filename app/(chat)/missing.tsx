import Link from 'next/link'
import { notFound } from 'next/navigation'
import { Page } from '@/app/ui/page-body'
import { currentRequest } from '@/lib/request-context'

/**
 * A page with status 404. Next.js's `notFound()` leaves the page empty without JavaScript, so it is called only on
 * platforms where the response is out of reach.
 */
export function missingPage() {
  const response = currentRequest()?.response
  if (!response) notFound()
  response.statusCode = 404
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
