import 'server-only'
import { database } from '@/db/connection'
import { insertAccount, prepareAccount, registration } from './accounts'
import { rememberAddress } from './addresses'
import { recordAction } from './audit-log'
import type { CurrentUser, Origin } from './current-user'
import { Refusal } from './errors'
import { check } from './fields'
import { findOneTimeLink, makeOneTimeLink, redeemOneTimeLink } from './one-time-links'
import { giveRole, lockWithOperators } from './roles'
import { changeSettings, firstSettings, lockSettingsForChange } from './site-settings'

/** @returns the key of a link to set the site up, for a command from the site's shell */
export const makeSetupKey = () =>
  database().transaction(async (tx) => {
    await recordAction(tx, null, 'setup-link-made')
    return makeOneTimeLink(tx, 'setup', { hours: 1 })
  })

export const isSetupKey = async (key: string) => Boolean(await findOneTimeLink(key, 'setup'))

/**
 * Saves the first settings and makes a person an operator: a new account or, without a username in the input, the
 * signed-in person. The key is used up only if all of that succeeds.
 * @returns the person's id
 * @throws {Refusal} 410 if the key cannot be used, 422, 409 if the username is taken or the person is a guest, 429
 */
export async function setUp(user: CurrentUser | undefined, input: Record<string, unknown>, origin: Origin) {
  const key = String(input.key)
  // First, because hashing a password is expensive.
  if (!(await isSetupKey(key))) throw gone()
  const isNew = input.username !== undefined
  const settings = check(isNew ? firstSettings.extend(registration.shape) : firstSettings, input)
  const account = isNew ? await prepareAccount(input, origin) : undefined
  const operatorId = await database().transaction(async (tx) => {
    if (!(await redeemOneTimeLink(tx, key, 'setup'))) throw gone()
    const id = account ? await insertAccount(tx, account) : user?.id
    if (!id) throw new Refusal(401, 'You are no longer logged in. Open the link again.')
    await giveRole(tx, { id }, await lockWithOperators(tx, id), 'operator')
    await recordAction(tx, { id }, 'set-up')
    const { siteName, registration, guests } = settings
    await changeSettings(tx, { id }, await lockSettingsForChange(tx), { siteName, registration, guests })
    return id
  })
  if (account) await rememberAddress(operatorId, origin.address)
  return operatorId
}

const gone = () =>
  new Refusal(410, 'This link was used already, or has expired. Run `npm run operator` for a new one.')
