import 'server-only'
import { and, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import { database, type Transaction } from '@/db/connection'
import { oneTimeLinks } from '@/db/schema'
import { isToken, makeToken, selectorOf } from './tokens'

type Purpose = typeof oneTimeLinks.$inferSelect.purpose

const isUsable = and(isNull(oneTimeLinks.usedAt), gt(oneTimeLinks.expiresAt, sql`now()`))

/** @returns the token of the new link, of which only a hash is stored */
export async function makeOneTimeLink(
  tx: Pick<Transaction, 'insert'>,
  purpose: Purpose,
  { userId, hours }: { userId?: string; hours: number },
) {
  const { token, stored } = makeToken()
  const expiresAt = sql`now() + make_interval(hours => ${hours})`
  await tx.insert(oneTimeLinks).values({ ...stored, purpose, userId, expiresAt })
  return token
}

/** @returns undefined for a link that is unknown, used or expired */
export async function findOneTimeLink(
  token: string,
  purpose: Purpose,
  db: Pick<Transaction, 'select'> = database(),
) {
  const selector = selectorOf(token)
  if (!selector) return undefined
  const [link] = await db
    .select({
      id: oneTimeLinks.id,
      userId: oneTimeLinks.userId,
      tokenHash: oneTimeLinks.tokenHash,
    })
    .from(oneTimeLinks)
    .where(and(eq(oneTimeLinks.selector, selector), eq(oneTimeLinks.purpose, purpose), isUsable))
  return link && isToken(token, link) ? { id: link.id, userId: link.userId } : undefined
}

/** Uses the link up, at most once also under concurrency. @returns undefined for one that cannot be used any more */
export async function redeemOneTimeLink(tx: Transaction, token: string, purpose: Purpose) {
  const link = await findOneTimeLink(token, purpose, tx)
  if (!link) return undefined
  const [used] = await tx
    .update(oneTimeLinks)
    .set({ usedAt: sql`now()` })
    .where(and(eq(oneTimeLinks.id, link.id), isUsable))
    .returning({ userId: oneTimeLinks.userId })
  return used
}

export const forgetOneTimeLinks = () =>
  database().delete(oneTimeLinks).where(lt(oneTimeLinks.expiresAt, sql`now()`))
