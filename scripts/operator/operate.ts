import { closeDatabase } from '@/db/connection'
import { findByUsername } from '@/lib/accounts'
import { parseLaunchEnv } from '@/lib/env'
import { makeResetLink } from '@/lib/password-reset'
import { setSiteRole } from '@/lib/roles'
import { makeSetupKey } from '@/lib/setup'
import { addressOf } from '../ports'

/** The address of a page, as people open it. */
function linkTo(path: string) {
  const { AUTH_URL, HOST = '127.0.0.1', PORT } = parseLaunchEnv(process.env)
  return new URL(path, AUTH_URL ?? addressOf(HOST, PORT)).href
}

async function findPerson(username: string) {
  const person = await findByUsername(username)
  if (!person) throw new Error(`There is no account called “${username}”.`)
  return person
}

async function printSetupLink() {
  console.log('Open this link within an hour to set up the site and become its operator. It works once:')
  console.log(linkTo(`/setup/${await makeSetupKey()}`))
}

async function makeOperator(username: string) {
  const { id } = await findPerson(username)
  await setSiteRole(null, id, { role: 'operator' })
  console.log(`${username} is an operator now.`)
}

async function printResetLink(username: string) {
  const { id } = await findPerson(username)
  console.log('With this link the password can be changed once, within 24 hours:')
  console.log(linkTo(`/reset/${await makeResetLink(null, id)}`))
}

/**
 * Does what the command `npm run operator` was asked for, in the database of `DATABASE_URL`.
 * @throws {Error} with a sentence, for example for an unknown username
 */
export async function operate([first, second, third]: string[]) {
  if (!first) await printSetupLink()
  else if (second === undefined) await makeOperator(first)
  else if (first === 'reset' && third === undefined) await printResetLink(second)
  else throw new Error('Usage: npm run operator [-- <username> | -- reset <username>]')
  await closeDatabase()
}
