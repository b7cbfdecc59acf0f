'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { countMentions } from '@/app/browser/state'
import { useSelected } from '@/app/browser/store-context'
import { pathOf, permalink } from '@/app/conversation/permalink'
import { Avatar } from '@/app/ui/avatar'
import { PersonName } from '@/app/ui/person-name'
import { Time } from '@/app/ui/time'
import type { Mention } from '@/lib/views'

/** The reader's mentions. The page is rendered again when their number changes. */
export function MentionRows({ mentions }: { mentions: Mention[] }) {
  useRefresh()
  if (!mentions.length) return null
  return (
    <ul className="divide-line border-line divide-y border-y">
      {mentions.map((mention) => (
        <li key={`${mention.conversationId} ${mention.seq}`}>
          <MentionRow mention={mention} />
        </li>
      ))}
    </ul>
  )
}

function MentionRow({ mention }: { mention: Mention }) {
  const { conversationId: id, kind, name, seq, sender, excerpt, createdAt, isRead } = mention
  return (
    <Link
      href={permalink(pathOf({ id, kind, name: name ?? '' }), seq)}
      prefetch={false}
      className="hover:bg-wash flex items-center gap-3 px-2 py-3"
    >
      <Avatar id={sender.id} name={sender.name} />
      <span className="grid min-w-0 flex-1 grid-cols-[minmax(0,1fr)]">
        <span className="flex items-baseline justify-between gap-2">
          <span className="min-w-0">
            <span className="font-semibold">
              <PersonName of={sender} />
            </span>
            {name && (
              <span className="text-muted">
                {' '}
                in <bdi>{name}</bdi>
              </span>
            )}
          </span>
          <span className="text-muted shrink-0 text-sm">
            <Time at={createdAt} />
          </span>
        </span>
        <span className={isRead ? 'text-muted' : 'font-semibold'}>
          {!isRead && <span className="sr-only">Unread: </span>}
          {excerpt}
        </span>
      </span>
    </Link>
  )
}

function useRefresh() {
  const count = useSelected(countMentions)
  const { refresh } = useRouter()
  const shown = useRef(count)
  useEffect(() => {
    if (count !== shown.current) refresh()
    shown.current = count
  }, [count, refresh])
}
