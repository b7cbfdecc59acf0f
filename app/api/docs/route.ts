import { api } from '@/lib/web/api'
import { siteAddress } from '@/lib/web/site-address'
import { apiDocument } from '../openapi/document'
import { DocsPage } from './docs-page'

// A route instead of a page, because the framework's pages need scripts. Its policy is in lib/web/headers.mjs.
export const { GET, POST, PUT, PATCH, DELETE } = api({
  GET: async ({ request }) => {
    // Next.js allows this import in a route only when it is used.
    const { renderToStaticMarkup } = await import('react-dom/server')
    const body = renderToStaticMarkup(DocsPage({ api: apiDocument(), site: siteAddress(request.headers) }))
    const html = `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>HTTP API · Parley</title>
<link rel="stylesheet" href="/styles.css"></head><body>${body}</body></html>`
    return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8' } })
  },
})
