import type { ReactNode } from 'react'
import { Frame } from '@/app/ui/frame'
import { orTooSlow } from '@/app/ui/slow-page'
import { Welcome } from '@/app/ui/welcome'
import { pageOverview } from '@/lib/web/page-overview'
import { pageRealtime } from '@/lib/web/page-realtime'
import { currentUser } from '@/lib/web/page-user'

/**
 * The frame of every signed-in page. It stays, with its socket and its state, while the person goes from page to
 * page.
 */
async function ChatLayout({ children }: { children: ReactNode }) {
  const user = await currentUser()
  const overview = await pageOverview()
  if (!user || !overview) return children
  return (
    <Frame
      userId={user.id}
      isGuest={user.isGuest}
      siteRole={user.siteRole}
      realtime={await pageRealtime(user)}
      seed={overview}
      now={Date.now()}
    >
      {children}
    </Frame>
  )
}

export default orTooSlow(ChatLayout, Welcome)
