import { makeNonce } from './nonce'

/**
 * A page that says why a request was refused; `text` is what was written, to be copied. Made by hand, because the
 * framework would read the refused form again for a page of its own.
 */
export function refusalPage({ status, message }: { status: number; message: string }, text?: string) {
  const nonce = makeNonce()
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Parley</title><style nonce="${nonce}">:root{color-scheme:light dark}body{font:1rem/1.5 system-ui;max-width:40ch;margin:15vh auto;padding:1rem}textarea{box-sizing:border-box;width:100%;font:inherit}</style>
<main><h1>That did not work</h1><p role="alert">${escapeHtml(message)}</p>${text ? writtenPart(text) : ''}<p><a href="/">Go to the first page</a></p></main></html>`
  const policy = `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'`
  return new Response(html, {
    status,
    headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy },
  })
}

// The parser drops a line break that comes first.
const writtenPart = (text: string) =>
  `<p><label for="written">What you wrote</label><textarea id="written" rows="8" readonly>\n${escapeHtml(text)}</textarea></p>`

const escapeHtml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
