import 'server-only'
import { inArray } from 'drizzle-orm'
import { database } from '@/db/connection'
import { users } from '@/db/schema'
import type { CurrentUser } from './current-user'
import { missing, Refusal } from './errors'

export type Role = CurrentUser['siteRole']

export const isModerator = ({ siteRole }: { siteRole: Role }) => siteRole !== 'person'

/** @throws {Refusal} 404, as for a page that does not exist */
export function requireOperator({ siteRole }: CurrentUser) {
  if (siteRole !== 'operator') throw missing('page')
}

/** Operators may do everything that moderators may. @throws {Refusal} 404, as for a page that does not exist */
export function requireModerator(user: CurrentUser) {
  if (!isModerator(user)) throw missing('page')
}

/** @throws {Refusal} 403 for a moderator who acts on an operator or on another moderator */
export function requirePowerOver(user: CurrentUser, person: { siteRole: Role }) {
  if (user.siteRole !== 'operator' && isModerator(person))
    throw new Refusal(403, 'Moderators cannot act on operators or on other moderators.')
}

/** The ids of those who take care of reports. */
export async function listModerators() {
  const rows = await database()
    .select({ id: users.id })
    .from(users)
    .where(inArray(users.role, ['moderator', 'operator']))
  return rows.map(({ id }) => id)
}
