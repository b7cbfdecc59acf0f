import { readFile } from 'node:fs/promises'
import tailwind from '@tailwindcss/postcss'
import postcss from 'postcss'

// Built once, with the site.
export const dynamic = 'force-static'

/**
 * The site's stylesheet at a fixed address, for the live page and the API's documentation. The address of the
 * stylesheet that Next.js builds is known only to the pages that Next.js renders.
 */
export async function GET() {
  const from = 'app/globals.css'
  const { css } = await postcss([tailwind()]).process(await readFile(from, 'utf8'), { from })
  return new Response(css, { headers: { 'content-type': 'text/css; charset=utf-8' } })
}
