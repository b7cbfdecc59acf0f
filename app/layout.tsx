import type { Metadata, Viewport } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import './globals.css'

export const metadata: Metadata = {
  description: 'A quiet place to talk, hosted by yourselves.',
}

export const viewport: Viewport = {
  // The keyboard of a phone shortens the page instead of covering the composer.
  interactiveWidget: 'resizes-content',
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fbfaf7' },
    { media: '(prefers-color-scheme: dark)', color: '#12151b' },
  ],
}

export default async function RootLayout({ children }: { children: ReactNode }) {
  // A page made at build time would carry no CSP nonce: every page is rendered when it is asked for.
  await connection()
  return (
    <html lang="en">
      <body>
        <a
          href="#main"
          className="button button-primary sr-only z-10 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
        >
          Skip to content
        </a>
        {children}
      </body>
    </html>
  )
}
