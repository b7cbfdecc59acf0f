import Link from 'next/link'
import type { ReactNode } from 'react'

type NextPageProps = {
  path: string
  query?: Record<string, string>
  /** Null on the last page. */
  cursor: string | null
  children: ReactNode
}

/** The link to the next page of a list. */
export const NextPage = ({ path, query, cursor, children }: NextPageProps) =>
  cursor && (
    <Link href={`${path}?${new URLSearchParams({ ...query, cursor })}`} prefetch={false} className="button">
      {children}
    </Link>
  )
