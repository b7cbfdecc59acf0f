import { problem } from './api'
import { makeNonce } from './nonce'

type Refused = { status: number; message: string }

/** Refuses a request: the API with a problem document, anything else with a page. */
export const refusalFor = (path: string, refused: Refused) =>
  path.startsWith('/api/') ? problem(refused.status, refused.message) : refusalPage(refused)

/**
 * A page that says why a request was refused, with the text that was written, so that it can be copied. It is plain
 * HTML because Next.js would read the refused form again to render a page.
 */
export function refusalPage({ status, message }: Refused, text?: string) {
  const nonce = makeNonce()
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Parley</title><style nonce="${nonce}">:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;max-width:40ch;margin:15vh auto;padding:1rem}textarea{box-sizing:border-box;width:100%;font:inherit}</style>
<main><h1>That did not work</h1><p role="alert">${escapeHtml(message)}</p>${text ? textPart(text) : ''}<p><a href="/">Go to the home page</a></p></main></html>`
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`
  return new Response(html, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
  })
}

// The HTML parser drops a line break at the start of a textarea.
const textPart = (text: string) =>
  `<p><label for="written">What you wrote</label><textarea id="written" rows="8" readonly>\n${escapeHtml(text)}</textarea></p>`

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
