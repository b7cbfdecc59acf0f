import 'server-only'
import { cache } from 'react'
import { logError } from '@/lib/log'
import { readSettings } from '@/lib/site-settings'
import { currentUser } from './page-user'

/** The site's settings, for a page. */
export const pageSettings = cache(() => readSettings())

/** The name of this site, or of the software if the database does not answer. */
export const siteName = cache(async () => {
  try {
    return (await currentUser())?.siteName ?? (await pageSettings()).siteName
  } catch (error) {
    logError('site-name', error)
    return 'Parley'
  }
})
