import Link from 'next/link'
import { Page } from '@/app/ui/page-body'
import { currentRequest } from '@/lib/request-context'

/** In place of a message that has expired, with status 410. `path` is that of its conversation. */
export function notKeptPage(path: string) {
  const response = currentRequest()?.response
  if (response) response.statusCode = 410
  return (
    <Page title="Message">
      <p>This message is no longer kept. This site deletes messages after a time.</p>
      <p>
        <Link href={path} prefetch={false} className="link">
          Go to the conversation
        </Link>
      </p>
    </Page>
  )
}
