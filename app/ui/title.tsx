'use client'

import { countUnread } from '@/app/browser/state'
import { useIsHidden, useSelected } from '@/app/browser/store-context'
import { upTo99 } from './count'
import { useSiteName } from './site-name'

/** The title of the page and the site, with the number of unread messages outside the conversation in view. */
export function Title({ openId, children }: { openId?: string; children?: string }) {
  const isHidden = useIsHidden()
  const siteName = useSiteName()
  const count = useSelected((state) => countUnread(state, isHidden ? undefined : openId))
  return (
    <title>{`${count ? `(${upTo99(count)}) ` : ''}${children ? `${children} – ` : ''}${siteName}`}</title>
  )
}
