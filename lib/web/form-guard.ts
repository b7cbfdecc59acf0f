import 'server-only'
import { Refusal } from '@/lib/errors'
import { isActionCall, isActionForm, isPlainCall } from './action-arguments'
import type { RouteRequest } from './node-request'
import { requireSameOrigin } from './same-origin'

type Asked = Pick<RouteRequest, 'method' | 'url' | 'headers'>
/** Reads the body. */
type Read = () => Promise<Buffer<ArrayBuffer>>

/**
 * Refuses requests that no page of this site sends: Next.js would answer them with a bare “Internal Server Error”.
 * @returns the form, if the request is one
 * @throws {Refusal} 403 for a form from another site, 405, 413, 415, or 400 for one that cannot be read
 */
export async function checkForm(request: Asked, read: Read): Promise<FormData | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  if (request.method !== 'POST') throw new Refusal(405, 'Pages take GET, and POST for their forms.')
  requireSameOrigin(request.headers)
  // These paths check their bodies themselves.
  if (isDataPath(new URL(request.url).pathname)) return undefined
  return readForm(request, read)
}

/** The paths where a page's script loads and sends data as JSON, and the one whose answer is a file. */
export const isDataPath = (path: string) =>
  /^\/((c|room)\/[^/]+\/messages|overview|receipts|settings\/data\/export)$/.test(path)

async function readForm(request: Asked, read: Read) {
  const isScripted = request.headers.has('next-action')
  const type = request.headers.get('content-type') ?? ''
  const isForm = type.startsWith('multipart/form-data')
  // A script sends arguments without a form among them as JSON.
  if (!isForm && !(isScripted && type.startsWith('text/plain')))
    throw new Refusal(415, 'This is not a form of this site.')
  const bytes = await read()
  if (!isForm) {
    if (isPlainCall(new TextDecoder().decode(bytes))) return undefined
    throw unreadable()
  }
  const form = await new Response(bytes, { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined)
  if (!form || !(isScripted ? isActionCall(form) : isActionForm(form))) throw unreadable()
  return form
}

const unreadable = () => new Refusal(400, 'This form could not be read.')
