import type { Refusal } from '@/lib/errors'
import { tooMany } from '@/lib/export/export'

/** The form's page, with why an export was refused. The sentences are the page's own, so that no link can forge one. */
export function refusedPath({ status, errors, details, retryAfter = 0 }: Refusal) {
  const query = new URLSearchParams({ wait: String(retryAfter) })
  query.set('refused', errors ? 'password' : details?.reason === 'exports' ? 'exports' : String(status))
  return `/settings/data?${query}`
}

type Query = Partial<Record<'refused' | 'wait', string | string[]>>

/** What the page says of a refused export: beside the field, or above the form. */
export function explainRefused({ refused, wait }: Query): { error?: string; alert?: string } {
  const seconds = Math.min(Number(wait) || 1, 24 * 3600)
  if (refused === 'password') return { error: 'This is not your current password.' }
  if (refused === 'exports') return { alert: tooMany(seconds).message }
  if (refused === '429') return { alert: `Too many attempts. Try again in ${seconds} seconds.` }
  return refused ? { alert: 'That took too long. Try again in a moment.' } : {}
}
