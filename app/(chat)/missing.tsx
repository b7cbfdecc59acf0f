import Link from 'next/link'
import { notFound } from 'next/navigation'
import { Page } from '@/app/ui/page-body'
import { currentRequest } from '@/lib/request-context'

/**
 * The page for what does not exist, or is not the reader's to see, with status 404. The framework's own way to this
 * status leaves the page empty without JavaScript, so it is only for platforms whose response is out of reach.
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
