import Link from 'next/link'
import { useEffect, useEffectEvent, useRef } from 'react'

type OlderMessagesProps = {
  path: string
  /** The `seq` of the first message on the page. */
  firstSeq: number
  load: () => Promise<void>
}

/** The link to older messages. With JavaScript they are loaded when the link scrolls into view. */
export function OlderMessages({ path, firstSeq, load }: OlderMessagesProps) {
  const link = useRef<HTMLAnchorElement>(null)
  const onVisible = useEffectEvent(() => load().catch(() => {}))
  useEffect(() => {
    if (!link.current || firstSeq <= 1) return
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onVisible(), {
      rootMargin: '300px',
    })
    observer.observe(link.current)
    return () => observer.disconnect()
  }, [firstSeq])
  if (firstSeq <= 1) return null
  return (
    <p className="p-4 text-center">
      <Link ref={link} href={`${path}?before=${firstSeq}`} prefetch={false} className="link">
        Older messages
      </Link>
    </p>
  )
}
