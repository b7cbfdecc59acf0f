import type { Metadata } from 'next'
import { connection } from 'next/server'
import type { ReactNode } from 'react'
import './globals.css'

export const metadata: Metadata = { title: 'Parley' }

export default async function RootLayout({ children }: { children: ReactNode }) {
  // Static pages would carry no CSP nonce: every page is rendered on request.
  await connection()
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
