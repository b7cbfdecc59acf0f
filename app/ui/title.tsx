'use client'

import { unreadOf } from '@/app/browser/state'
import { useIsHidden, useSelected } from '@/app/browser/store-context'

/** The page's title, with the number of unread messages, leaving out those of the conversation in view. */
export function Title({ openId, children }: { openId?: string; children: string }) {
  const isHidden = useIsHidden()
  const count = useSelected(({ conversations }) =>
    Object.values(conversations).reduce(
      (sum, one) => sum + (one.id === openId && !isHidden ? 0 : unreadOf(one)),
      0,
    ),
  )
  return (
    <title>{`${count ? `(${count}) ` : ''}${children}${children === 'Parley' ? '' : ' – Parley'}`}</title>
  )
}
