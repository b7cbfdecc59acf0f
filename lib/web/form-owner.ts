import 'server-only'
import { createHmac } from 'node:crypto'
import type { CurrentUser } from '@/lib/current-user'
import { env } from '@/lib/env'
import { Refusal } from '@/lib/errors'
import { isSameSecret } from './same-secret'

/**
 * A signed value that says for whom a form was rendered. By the time the form is sent, the same browser may be logged
 * in as somebody else, or logged out.
 */
export const sealOwner = (userId: string) => `${userId}.${sealOf(userId)}`

/** The id of the user for whom a form was rendered; undefined if the signature is wrong. */
export function readOwner(owner = '') {
  const [userId = '', seal = ''] = owner.split('.')
  return isSameSecret(seal, sealOf(userId)) ? userId : undefined
}

/** @throws {Refusal} 403 if the form was rendered for somebody else */
export function refuseOtherOwner(user: CurrentUser, owner?: string) {
  if (owner && readOwner(owner) !== user.id)
    throw new Refusal(403, `You wrote this as somebody else. Send it again to send it as ${user.name}.`)
}

const sealOf = (userId: string) =>
  createHmac('sha256', env().AUTH_SECRET).update(`owner ${userId}`).digest('base64url')
