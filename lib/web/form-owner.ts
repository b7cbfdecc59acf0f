import 'server-only'
import { createHmac } from 'node:crypto'
import type { CurrentUser } from '@/lib/current-user'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { isSameSecret } from './same-secret'

/**
 * Says in a form for whom it was made, sealed: in the same browser somebody else may be logged in by the
 * time it is sent, or nobody at all.
 */
export const sealAuthor = (userId: string) => `${userId}.${sealOf(userId)}`

/** Whom a form was made for, where the seal is this site's. */
export function readAuthor(author = '') {
  const [userId = '', seal = ''] = author.split('.')
  return isSameSecret(seal, sealOf(userId)) ? userId : undefined
}

/** @throws {Refusal} 403 for a form that was made for somebody else */
export function refuseOther(user: CurrentUser, author?: string) {
  if (author && readAuthor(author) !== user.id)
    throw new Refusal(403, `This was written as somebody else. Send it again to say it as ${user.name}.`)
}

const sealOf = (userId: string) =>
  createHmac('sha256', env().AUTH_SECRET).update(`author ${userId}`).digest('base64url')
