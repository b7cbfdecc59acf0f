import { type NextRequest, NextResponse } from 'next/server'
import { asRefusal } from '@/lib/errors'
import { readBytes } from '@/lib/web/body'
import { admitPage, decodePath } from '@/lib/web/page-gate'
import { refusalFor } from '@/lib/web/refusal-page'

export const config = {
  // Pages, unless server.ts has admitted them: passing through here costs a page 1 to 2 ms. The API and static files
  // need no gate, but Next.js answers an API path that is not UTF-8 with a bare error.
  matcher: [
    {
      source:
        '/((?!api(?:/|$)|_next/static/|(?:icon\\.svg|icon-(?:192|512|maskable)\\.png|apple-touch-icon\\.png|favicon\\.ico|robots\\.txt|manifest\\.webmanifest|styles\\.css)$).*)',
      missing: [{ type: 'header', key: 'parley-admitted' }],
    },
    '/api/(.*%.*)',
  ],
}

/** Runs before every page on platforms and in development. server.ts does the same on its own. */
export async function proxy(request: NextRequest) {
  const { pathname } = request.nextUrl
  try {
    decodePath(pathname)
    if (pathname.startsWith('/api/')) return NextResponse.next()
    const added = await admitPage(request, () => readBytes(request))
    if (added instanceof Response) return added
    const headers = new Headers({ ...Object.fromEntries(request.headers), ...added })
    const response = NextResponse.next({ request: { headers } })
    response.headers.set('content-security-policy', added['content-security-policy'])
    return response
  } catch (error) {
    const refusal = asRefusal(error)
    if (!refusal) throw error
    return refusalFor(pathname, refusal)
  }
}
