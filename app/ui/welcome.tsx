'use client'

import type { ReactNode } from 'react'
import { useSiteName } from './site-name'

/**
 * The frame of a page for visitors who are not signed in. Its links are plain `<a>` elements: Next.js's would be most
 * of the script of these pages, and of the error page, which is part of every page.
 */
export function Welcome({ title, children }: { title: string; children: ReactNode }) {
  const siteName = useSiteName()
  return (
    <main id="main" tabIndex={-1} className="mx-auto grid max-w-sm gap-6 p-4 py-10 outline-none">
      <title>{`${title} – ${siteName}`}</title>
      <a href="/" className="text-muted font-serif">
        {siteName}
      </a>
      <h1>{title}</h1>
      {children}
    </main>
  )
}
