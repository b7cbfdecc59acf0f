import Link from 'next/link'
import type { ReactNode } from 'react'
import type { CurrentUser } from '@/lib/login-sessions'
import { pageOverview } from '@/lib/web/overview'
import { pageRealtime } from '@/lib/web/page-realtime'
import { ConversationList } from './conversation-list'
import { Live } from './live'
import { LogOut } from './log-out'

type ShellProps = {
  user: CurrentUser
  /** What a phone shows beside the page itself: everything, the search, the top, or nothing. */
  view: 'home' | 'search' | 'page' | 'conversation'
  /** What was searched for. */
  q?: string
  openId?: string
  children: ReactNode
}

/** The frame of every signed-in page: search and conversations at the left, the page beside them. */
export async function Shell({ user, view, q, openId, children }: ShellProps) {
  const { conversations = [], invitations } = (await pageOverview()) ?? {}
  const isSearchable = view === 'home' || view === 'search'
  return (
    <div className="page md:grid md:h-dvh md:grid-cols-[18rem_minmax(0,1fr)] md:grid-rows-[auto_minmax(0,1fr)] lg:grid-cols-[20rem_minmax(0,1fr)]">
      <Live realtime={await pageRealtime(user)} userId={user.id} showsStrangers={view === 'search'} />
      <header
        className={`border-line gap-3 p-4 pb-2 md:grid md:border-r ${view === 'conversation' ? 'hidden' : 'grid'}`}
      >
        <div className="flex items-center justify-between gap-2">
          <Link href="/" prefetch={false} className="font-serif text-xl font-semibold">
            Parley
          </Link>
          <div className="flex text-sm">
            <NavLink href="/settings">Settings</NavLink>
            <LogOut />
          </div>
        </div>
        <search className={`md:block ${isSearchable ? '' : 'hidden'}`}>
          <form action="/people" className="flex gap-2">
            <label className="sr-only" htmlFor="q">
              Find people
            </label>
            <input
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
        <nav aria-label="Pages" className="-mx-2 flex flex-wrap text-sm">
          <NavLink href="/people">People</NavLink>
          <NavLink href="/rooms">Rooms</NavLink>
          <NavLink href="/invitations" count={invitations?.received.length}>
            Invitations
          </NavLink>
        </nav>
      </header>
      <ConversationList
        conversations={conversations}
        userId={user.id}
        openId={openId}
        className={`border-line md:block md:overflow-y-auto md:border-r ${view === 'home' ? '' : 'hidden'}`}
      />
      <main
        id="main"
        tabIndex={-1}
        className="outline-none md:col-start-2 md:row-span-2 md:row-start-1 md:overflow-y-auto"
      >
        {children}
      </main>
    </div>
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

export function Count({ children }: { children: number }) {
  return (
    <span className="bg-accent text-on-accent inline-flex h-5 min-w-5 items-center justify-center rounded-full px-1.5 text-sm font-semibold">
      {children}
    </span>
  )
}

/** The inside of a page that is not a conversation: a heading and a readable column. */
export function Page({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="mx-auto grid max-w-[68ch] gap-8 p-4 md:p-8">
      <h1>{title}</h1>
      {children}
    </div>
  )
}
