'use client'

import Link from 'next/link'
import { usePathname, useSearchParams } from 'next/navigation'
import { type ReactNode, useLayoutEffect, useRef } from 'react'
import type { Overview } from '@/app/browser/state'
import { StoreProvider, useInvitations, useSelected } from '@/app/browser/store-context'
import type { CurrentUser } from '@/lib/current-user'
import type { Realtime } from '@/lib/realtime/client'
import { ConversationList } from './conversation-list'
import { Count } from './count'
import { Live } from './live'
import { LogOut } from './log-out'
import { useSiteName } from './site-name'
import { RenderedAt } from './time'

type FrameProps = {
  userId: string
  isGuest: boolean
  siteRole: CurrentUser['siteRole']
  realtime: Realtime
  seed: Overview
  /** The server's time, in ms since 1970. */
  now: number
  children: ReactNode
}

/**
 * The frame of every signed-in page: search and conversations at the left, the page beside them. On a phone the
 * conversations are only on the home page, the search also on the people page, and an open conversation is alone.
 */
export function Frame({ userId, isGuest, siteRole, realtime, seed, now, children }: FrameProps) {
  const path = usePathname()
  const siteName = useSiteName()
  const isHome = path === '/'
  const main = useRef<HTMLElement>(null)
  // The element stays when the page changes, and would keep the scroll position of the page before.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs for each page
  useLayoutEffect(() => void main.current?.scrollTo(0, 0), [path])
  return (
    <RenderedAt value={now}>
      <StoreProvider userId={userId} realtime={realtime} seed={seed}>
        <div className="page group/frame flex min-h-dvh flex-col has-[.conversation]:h-dvh md:grid md:h-dvh md:grid-cols-[18rem_minmax(0,1fr)] md:grid-rows-[auto_auto_minmax(0,1fr)] lg:grid-cols-[20rem_minmax(0,1fr)]">
          <Live />
          <header className="border-line grid grid-cols-[minmax(0,1fr)] gap-3 p-4 pb-2 group-has-[.conversation]/frame:hidden md:grid! md:border-r">
            <div className="flex items-center justify-between gap-2">
              <Link
                href="/"
                prefetch={false}
                className="line-clamp-2 min-w-0 font-serif text-xl leading-tight font-semibold break-words"
              >
                {siteName}
              </Link>
              <div className="flex shrink-0 text-sm">
                <NavLink href="/settings">Settings</NavLink>
                <LogOut />
              </div>
            </div>
            <Search className={`md:block ${isHome || path === '/people' ? '' : 'hidden'}`} />
            <Pages isGuest={isGuest} siteRole={siteRole} />
          </header>
          <ConversationList
            path={path}
            isGuest={isGuest}
            className={`border-line md:block md:overflow-y-auto md:border-r ${isHome ? '' : 'hidden'}`}
          />
          <main
            ref={main}
            id="main"
            tabIndex={-1}
            className="min-h-0 flex-1 outline-none md:col-start-2 md:row-span-2 md:row-start-2 md:overflow-y-auto"
          >
            {children}
          </main>
        </div>
      </StoreProvider>
    </RenderedAt>
  )
}

function Search({ className }: { className: string }) {
  const q = useSearchParams().get('q') ?? ''
  return (
    <search className={className}>
      <form action="/people" className="flex gap-2">
        <label className="sr-only" htmlFor="q">
          Find people
        </label>
        <input
          // A new field for each search, because the default value is used only once.
          key={q}
          id="q"
          name="q"
          type="search"
          defaultValue={q}
          placeholder="Find people"
          className="input"
        />
        <button type="submit" className="button">
          Search
        </button>
      </form>
    </search>
  )
}

function Pages({ isGuest, siteRole }: Pick<FrameProps, 'isGuest' | 'siteRole'>) {
  const { received } = useInvitations()
  const openReports = useSelected((state) => state.openReports)
  return (
    <nav aria-label="Pages" className="-mx-2 flex flex-wrap text-sm">
      <NavLink href="/people">People</NavLink>
      <NavLink href="/rooms">Rooms</NavLink>
      {!isGuest && (
        <NavLink href="/invitations" count={received.length}>
          Invitations
        </NavLink>
      )}
      {openReports !== undefined && (
        <NavLink href="/operator/reports" count={openReports}>
          Reports
        </NavLink>
      )}
      {siteRole === 'operator' && <NavLink href="/operator">Operator</NavLink>}
    </nav>
  )
}

function NavLink({ href, count = 0, children }: { href: string; count?: number; children: ReactNode }) {
  return (
    <Link href={href} prefetch={false} className="button button-quiet px-2">
      {children}
      {count > 0 && <Count>{count}</Count>}
    </Link>
  )
}
