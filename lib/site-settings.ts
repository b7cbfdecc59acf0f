import 'server-only'
import { z } from 'zod'
import { database, type Transaction } from '@/db/connection'
import { siteSettings } from '@/db/schema'
import { recordAction } from './audit-log'
import type { CurrentUser } from './current-user'
import { daysKept, siteName } from './fields'

/** What the operators have decided about the site. The `keep…` values are in days; null keeps messages for ever. */
export type SiteSettings = Omit<typeof siteSettings.$inferSelect, 'id'>

const choose = 'Choose one of the values.'
const { registration, roomMakers, linkMakers } = siteSettings
const fields = {
  siteName,
  registration: z.enum(registration.enumValues, choose),
  guests: z.enum(['on', 'off'], choose).transform((value) => value === 'on'),
  roomMakers: z.enum(roomMakers.enumValues, choose),
  linkMakers: z.enum(linkMakers.enumValues, choose),
  keepRooms: daysKept,
  keepGroups: daysKept,
  keepDirect: daysKept,
}
export const allSettings = z.object(fields)
/** The settings that the page `/setup/<key>` asks for. */
export const firstSettings = allSettings.pick({ siteName: true, registration: true, guests: true })

/**
 * Read each time, so that a change takes effect at once on every instance. Signed-in pages need no query for the site's
 * name: it comes with the login session (`CurrentUser`).
 */
export async function readSettings(db: Pick<Transaction, 'select'> = database()): Promise<SiteSettings> {
  return withoutKey(await db.select().from(siteSettings))
}

/**
 * Lets changes of the settings wait until the commit, so that nothing is stored that they no longer allow. Call it last
 * in a transaction, because others lock people before the settings.
 */
export const holdSettings = async (tx: Transaction) =>
  withoutKey(await tx.select().from(siteSettings).for('share'))

function withoutKey([row]: (typeof siteSettings.$inferSelect)[]): SiteSettings {
  if (!row) throw new Error('The site has no settings.')
  const { id: _, ...settings } = row
  return settings
}

/** Locks the settings until the commit, so that the log has the right old values. */
export const lockSettingsForChange = async (tx: Transaction) =>
  withoutKey(await tx.select().from(siteSettings).for('no key update'))

/** Stores the settings that differ, and records each in the log. */
export async function changeSettings(
  tx: Transaction,
  by: Pick<CurrentUser, 'id'>,
  before: SiteSettings,
  settings: Partial<SiteSettings>,
) {
  const changed = Object.entries(settings).filter(([name, to]) => before[name as keyof SiteSettings] !== to)
  if (!changed.length) return
  await tx.update(siteSettings).set(Object.fromEntries(changed))
  for (const [setting, to] of changed)
    await recordAction(tx, by, 'setting-changed', {
      details: { setting, from: before[setting as keyof SiteSettings], to },
    })
}
