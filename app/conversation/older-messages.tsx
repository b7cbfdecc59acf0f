import Link from 'next/link'
import { useInView } from '@/app/ui/use-in-view'

type OlderMessagesProps = {
  path: string
  /** The `seq` of the first message on the page, and of the first one that is kept. */
  firstSeq: number
  keptSeq: number
  load: () => Promise<void>
}

/** The link to older messages. With JavaScript they are loaded when the link scrolls into view. */
export function OlderMessages({ path, firstSeq, keptSeq, load }: OlderMessagesProps) {
  const href = firstSeq > keptSeq ? `${path}?before=${firstSeq}` : undefined
  const link = useInView(href, load)
  if (!href)
    return (
      keptSeq > 1 && <p className="text-muted p-4 text-center text-sm">Older messages are no longer kept.</p>
    )
  return (
    <p className="p-4 text-center">
      <Link ref={link} href={href} prefetch={false} className="link">
        Older messages
      </Link>
    </p>
  )
}
