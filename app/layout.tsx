import type { Metadata, Viewport } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import { siteName } from '@/lib/web/page-settings'
import './globals.css'
import { SiteNameProvider } from './ui/site-name'

const description = 'A chat site for your people, on your own machine.'

// The same for every page, so that the preview of a shared link reveals nothing about a room or conversation.
export const metadata: Metadata = {
  description,
  openGraph: { type: 'website', description },
  manifest: '/manifest.webmanifest',
  icons: {
    icon: [
      { url: '/icon.svg', type: 'image/svg+xml' },
      { url: '/icon-192.png', type: 'image/png', sizes: '192x192' },
    ],
    apple: '/apple-touch-icon.png',
  },
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
  // A page rendered at build time would have no CSP nonce, so every page is rendered on request.
  await connection()
  const name = await siteName()
  return (
    <html lang="en">
      <head>
        {/* Next.js would send its own metadata after the page if it had to wait for this name. */}
        <meta property="og:title" content={name} />
        <meta property="og:site_name" content={name} />
      </head>
      <body>
        <a
          href="#main"
          className="button button-primary sr-only z-10 focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
        >
          Skip to content
        </a>
        <SiteNameProvider value={name}>{children}</SiteNameProvider>
      </body>
    </html>
  )
}
