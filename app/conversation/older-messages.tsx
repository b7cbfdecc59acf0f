import Link from 'next/link'
import { useInView } from '@/app/ui/use-in-view'

type OlderMessagesProps = {
  path: string
  /** The `seq` of the first message on the page. */
  firstSeq: number
  load: () => Promise<void>
}

/** The link to older messages. With JavaScript they are loaded when the link scrolls into view. */
export function OlderMessages({ path, firstSeq, load }: OlderMessagesProps) {
  const href = firstSeq > 1 ? `${path}?before=${firstSeq}` : undefined
  const link = useInView(href, load)
  if (!href) return null
  return (
    <p className="p-4 text-center">
      <Link ref={link} href={href} prefetch={false} className="link">
        Older messages
      </Link>
    </p>
  )
}
