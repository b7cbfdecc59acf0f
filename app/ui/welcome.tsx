import Link from 'next/link'
import type { ReactNode } from 'react'

/** The frame of a page for who is not signed in. */
export function Welcome({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main id="main" tabIndex={-1} className="mx-auto grid max-w-sm gap-6 p-4 py-10 outline-none">
      <Link href="/" prefetch={false} className="text-muted font-serif">
        Parley
      </Link>
      <h1>{title}</h1>
      {children}
    </main>
  )
}
