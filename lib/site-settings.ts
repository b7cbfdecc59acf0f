import 'server-only'
import { database, type Transaction } from '@/db/connection'
import { siteSettings } from '@/db/schema'

/** What the operators have decided about the site. The `keep…` values are in days; null keeps messages for ever. */
export type SiteSettings = Omit<typeof siteSettings.$inferSelect, 'id'>

/**
 * Read each time, so that a change takes effect at once on every instance. Signed-in pages need no query for the site's
 * name: it comes with the login session (`CurrentUser`).
 */
export async function readSettings(db: Pick<Transaction, 'select'> = database()): Promise<SiteSettings> {
  const [row] = await db.select().from(siteSettings)
  if (!row) throw new Error('The site has no settings.')
  const { id: _, ...settings } = row
  return settings
}
