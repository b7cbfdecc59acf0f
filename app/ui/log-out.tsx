'use client'

import { logOut } from '@/app/(account)/actions'
import { forgetComposerTexts } from '@/app/browser/composer-text'

/** What was sent still goes out, once the person is back; what was only begun is nobody else's to find. */
export function LogOut() {
  return (
    <form action={logOut} onSubmit={forgetComposerTexts}>
      <button type="submit" className="button button-quiet px-2 text-sm">
        Log out
      </button>
    </form>
  )
}
