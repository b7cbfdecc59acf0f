import 'server-only'
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const selectorLength = 10
const tokenPattern = /^[\w-]{43}$/

/** What is stored of a token: a part to find it by, and a hash of all of it. */
export type StoredToken = { selector: string; tokenHash: string }

/**
 * Makes the secret part of a link. Only `stored` goes into the database: the token itself is shown once. Its first 60
 * bits find it, and the other 196 are secret.
 */
export function makeToken(): { token: string; stored: StoredToken } {
  const token = randomBytes(32).toString('base64url')
  return { token, stored: { selector: token.slice(0, selectorLength), tokenHash: hash(token) } }
}

/** The part by which a token is found; undefined for anything that cannot be a token. */
export const selectorOf = (token: string) =>
  tokenPattern.test(token) ? token.slice(0, selectorLength) : undefined

/** Whether the token is the stored one. Takes the same time for every wrong one. */
export const isToken = (token: string, { tokenHash }: Pick<StoredToken, 'tokenHash'>) =>
  timingSafeEqual(Buffer.from(hash(token)), Buffer.from(tokenHash))

const hash = (token: string) => createHash('sha256').update(token).digest('hex')
