import 'server-only'
import bcrypt from 'bcrypt'
import { invalid } from './errors'
import { readSettings } from './site-settings'

const bcryptCost = 12
const listLength = 10_000

let common: Promise<Set<string>> | undefined

/** The most common passwords of at least 8 characters, in lower case. They are loaded when they are first needed. */
const commonPasswords = () =>
  (common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) =>
      new Set(dictionary['passwords-common'].filter(({ length }) => length >= 8).slice(0, listLength)),
  ))

/**
 * Refuses a new password that is easily guessed. `field` is the name of its field.
 * @throws {Refusal} 422
 */
export async function requireUncommon(password: string, username: string, field: string) {
  const lower = password.toLowerCase()
  const { siteName } = await readSettings()
  if (lower === username.toLowerCase())
    throw invalid({ [field]: 'Your username is easily guessed: choose another password.' })
  if (lower === siteName.toLowerCase())
    throw invalid({ [field]: 'The site’s name is easily guessed: choose another password.' })
  if ((await commonPasswords()).has(lower))
    throw invalid({ [field]: 'This is one of the most common passwords: choose another one.' })
}

export const hashPassword = (password: string) => bcrypt.hash(password, bcryptCost)
