'use client'

import { logOut } from '@/app/(account)/actions'
import { forgetComposerTexts } from '@/app/browser/composer-text'

/**
 * Also forgets drafts, so that the next person at this browser doesn't find them. Messages waiting to be sent are
 * kept.
 */
export function LogOut() {
  return (
    <form action={logOut} onSubmit={forgetComposerTexts}>
      <button type="submit" className="button button-quiet px-2 text-sm">
        Log out
      </button>
    </form>
  )
}
