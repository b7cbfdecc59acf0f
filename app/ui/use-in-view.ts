import { useEffect, useEffectEvent, useRef } from 'react'

/**
 * Loads more of a list when its link scrolls into view, and again for each `href`. Without JavaScript the link itself
 * leads there.
 * @returns the ref of the link
 */
export function useInView(href: string | undefined, load: () => Promise<unknown>) {
  const link = useRef<HTMLAnchorElement>(null)
  const onVisible = useEffectEvent(() => load().catch(() => {}))
  useEffect(() => {
    if (!link.current || !href) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onVisible(), {
      rootMargin: '300px',
    })
    observer.observe(link.current)
    return () => observer.disconnect()
  }, [href])
  return link
}
