'use client'

import { countUnread } from '@/app/browser/state'
import { useIsHidden, useSelected } from '@/app/browser/store-context'
import { upTo99 } from './count'

/** The page's title, with the number of unread messages, leaving out those of the conversation in view. */
export function Title({ openId, children }: { openId?: string; children: string }) {
  const isHidden = useIsHidden()
  const count = useSelected((state) => countUnread(state, isHidden ? undefined : openId))
  return (
    <title>{`${count ? `(${upTo99(count)}) ` : ''}${children}${children === 'Parley' ? '' : ' – Parley'}`}</title>
  )
}
