import 'server-only'
import { notFound } from 'next/navigation'
import { currentRequest } from '@/lib/request-context'

/**
 * Sets the status of the page that is being rendered. Next.js's `notFound()` leaves the page empty without JavaScript,
 * so it is called only on platforms where the response is out of reach.
 */
export function setPageStatus(status: 404 | 410) {
  const response = currentRequest()?.response
  if (!response) notFound()
  response.statusCode = status
}
