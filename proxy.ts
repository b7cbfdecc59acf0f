import { type NextRequest, NextResponse } from 'next/server'
import { asRefusal } from '@/lib/errors'
import { problem } from '@/lib/web/api'
import { readBytes } from '@/lib/web/body'
import { admitPage, decodePath } from '@/lib/web/page-gate'
import { refusalPage } from '@/lib/web/refusal-page'

export const config = {
  // Pages. The API answers for itself, and files that are the same for everyone need none of this; but a
  // path that is no UTF-8 the framework would not even hand on.
  // What our own server has admitted (lib/web/page-gate.ts) does not come here: the way costs a page 1 to 2 ms.
  matcher: [
    {
      source: '/((?!api(?:/|$)|_next/static/|icon\\.svg$|favicon\\.ico$).*)',
      missing: [{ type: 'header', key: 'parley-admitted' }],
    },
    '/api/(.*%.*)',
  ],
}

/** The gate before every page, on platforms and in development. */
export async function proxy(request: NextRequest) {
  const { pathname } = request.nextUrl
  const isApi = pathname.startsWith('/api/')
  try {
    if (isApi) {
      decodePath(pathname)
      return NextResponse.next()
    }
    const admitted = await admitPage(request, () => readBytes(request))
    if (admitted instanceof Response) return admitted
    const headers = new Headers(request.headers)
    for (const [name, value] of Object.entries(admitted)) headers.set(name, value)
    const response = NextResponse.next({ request: { headers } })
    response.headers.set('content-security-policy', admitted['content-security-policy'])
    return response
  } catch (error) {
    const refusal = asRefusal(error)
    if (!refusal) throw error
    return isApi ? problem(refusal.status, refusal.message) : refusalPage(refusal)
  }
}
