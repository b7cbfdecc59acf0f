import { usePathname, useRouter, useSearchParams } from 'next/navigation'
import { type MouseEvent, useEffect } from 'react'
import { useSelected, useStore } from '@/app/browser/store-context'
import { useInView } from './use-in-view'

const parameter = 'conversations'

/**
 * The links to the next page of the list, and back to the newest. With JavaScript the next page is added when its link
 * scrolls into view, if the list has a column of its own.
 */
export function MoreConversations() {
  const store = useStore()
  const cursor = useSelected(({ nextCursor }) => nextCursor)
  const { replace } = useRouter()
  const path = usePathname()
  const query = useSearchParams()
  const isLater = query.has(parameter)
  const pathTo = (place?: string) => {
    const kept = new URLSearchParams(query)
    kept.delete(parameter)
    if (place) kept.set(parameter, place)
    const text = String(kept)
    return text ? `${path}?${text}` : path
  }
  const newest = pathTo()
  const next = cursor ? pathTo(cursor) : undefined
  // On a phone the page's content follows the list, and would move away.
  const link = useInView(next, async () => matchMedia('(min-width: 48rem)').matches && store.loadMore())
  // Events keep the newest page up to date, but not a later one.
  useEffect(() => {
    if (!isLater) return
    replace(newest, { scroll: false })
    store.update()
  }, [store, replace, isLater, newest])

  function load(event: MouseEvent) {
    event.preventDefault()
    store.loadMore().catch(() => {})
  }

  return (
    <p className="flex flex-wrap justify-center gap-x-4 gap-y-2 p-4 pt-0 empty:hidden">
      {next && (
        <a ref={link} href={next} onClick={load} className="link">
          More conversations
        </a>
      )}
      {isLater && (
        <a href={newest} className="link">
          Newest conversations
        </a>
      )}
    </p>
  )
}
