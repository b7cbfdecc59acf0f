import 'server-only'
import { env } from '@/lib/env'
import { logError } from '@/lib/log'
import { addressOf } from './own-address'

let links: Promise<string> | undefined

/**
 * The site's stylesheet links, as its pages have them: their names change with each build, and the
 * framework tells them only to pages. A response written by hand looks into one, once.
 */
export function stylesheetLinks(): Promise<string> {
  links ??= readLinks().catch((error) => {
    logError('stylesheet', error)
    links = undefined
    return ''
  })
  return links
}

async function readLinks() {
  const { AUTH_URL, HOST, PORT } = env()
  const page = await fetch(`${addressOf(HOST ?? '127.0.0.1', PORT)}/login`).catch(() =>
    fetch(new URL('/login', AUTH_URL)),
  )
  const found = (await page.text()).match(/<link rel="stylesheet"[^>]*>/g) ?? []
  return [...new Set(found)].join('')
}
