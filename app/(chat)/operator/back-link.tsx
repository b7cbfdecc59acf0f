import Link from 'next/link'

/** Leads from a page for operators to the one above it. */
export const BackLink = ({ path, name }: { path: string; name: string }) => (
  <p className="-mt-4">
    <Link href={path} prefetch={false} className="link">
      {name}
    </Link>
  </p>
)
