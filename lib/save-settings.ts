import 'server-only'
import { database } from '@/db/connection'
import type { CurrentUser } from './current-user'
import { check } from './fields'
import { spend } from './limits'
import { countExpired, startRetention } from './retention'
import { requireOperator } from './roles'
import { allSettings, changeSettings, lockSettingsForChange } from './site-settings'

const kept = ['keepRooms', 'keepGroups', 'keepDirect'] as const

/**
 * Saves all settings. If messages would be kept for a shorter time than now, saves only if `sureOf` is what an earlier
 * call returned for the same times.
 * @returns how many messages would be deleted, and `sureOf`, if the operator has to be asked first
 * @throws {Refusal} 404 unless the person is an operator, 422, 429
 */
export async function saveSettings(user: CurrentUser, input: unknown, sureOf?: string) {
  requireOperator(user)
  const settings = check(allSettings, input)
  await spend('operate', user)
  const times = kept.map((name) => settings[name] ?? '').join()
  const isSaved = await database().transaction(async (tx) => {
    const before = await lockSettingsForChange(tx)
    const isShorter = kept.some((name) => (settings[name] ?? Infinity) < (before[name] ?? Infinity))
    if (isShorter && sureOf !== times) return false
    await changeSettings(tx, user, before, settings)
    return true
  })
  if (!isSaved) return { ...(await countExpired(settings)), sureOf: times }
  await startRetention()
}
