import 'server-only'
import { createHash, timingSafeEqual } from 'node:crypto'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Whether two secrets are the same; how long it takes tells nothing of how much is right. */
export const isSameSecret = (given: string, secret: string) => timingSafeEqual(digest(given), digest(secret))
