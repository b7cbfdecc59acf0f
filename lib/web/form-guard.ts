import 'server-only'
import { Refusal } from '@/lib/errors'
import type { RouteRequest } from './node-request'

type Asked = Pick<RouteRequest, 'method' | 'url' | 'headers'>
/** Reads the body. */
type Read = () => Promise<Buffer<ArrayBuffer>>

/**
 * Refuses what no page of this site posts: the framework answers such a form with a bare “Internal Server Error”.
 * @returns the form, where it is one
 * @throws {Refusal} 403 for a form from another site, 405, 413, 415, or 400 for one that cannot be read
 */
export async function checkForm(request: Asked, read: Read): Promise<FormData | undefined> {
  if (request.method === 'GET' || request.method === 'HEAD') return undefined
  if (request.method !== 'POST')
    throw new Refusal(405, 'A page can be read, and its forms sent; nothing else.')
  if (!isFromHere(request.headers)) throw fromElsewhere()
  // Takes JSON from the page's script, and refuses the rest itself.
  if (isDataPath(new URL(request.url).pathname)) return undefined
  return readOurs(request, read)
}

export const fromElsewhere = () => new Refusal(403, 'This was sent from another site.')

/** Where a page's script asks for data and sends it, as JSON. */
export const isDataPath = (path: string) => /^\/((c|room)\/[^/]+\/messages|overview|receipts)$/.test(path)

async function readOurs(request: Asked, read: Read) {
  const isScripted = request.headers.has('next-action')
  const type = request.headers.get('content-type') ?? ''
  const isForm = type.startsWith('multipart/form-data')
  // A script sends arguments without a form among them, or none at all, as bare JSON.
  if (!isForm && !(isScripted && type.startsWith('text/plain')))
    throw new Refusal(415, 'This is not a form of this site.')
  const bytes = await read()
  const form = isForm
    ? await new Response(bytes, { headers: { 'content-type': type } }).formData().catch(() => undefined)
    : undefined
  const isOurs = isForm ? form && isReadable(form, isScripted) : isPlainList(new TextDecoder().decode(bytes))
  if (!isOurs) throw new Refusal(400, 'This form could not be read.')
  return form
}

function isPlainList(text: string) {
  const list = parse(text)
  return Array.isArray(list) && isPlain(list, /^\$undefined$/)
}

/** Browsers say where a request comes from, one way or the other; other clients need not. */
export function isFromHere(headers: Headers) {
  const origin = headers.get('origin')
  if (origin === null) return !/^(cross|same)-site$/.test(headers.get('sec-fetch-site') ?? '')
  const host = headers.get('x-forwarded-host') ?? headers.get('host')
  return URL.canParse(origin) && new URL(origin).host === host
}

/**
 * A form names its action in a field of the framework's; a script names it in a header and sends the
 * arguments, of which the form is one. All other arguments are plain data.
 */
function isReadable(form: FormData, isScripted: boolean) {
  const own = [...form].filter(([name]) => (isScripted ? name === '0' : name.startsWith('$ACTION')))
  const parts = own.filter(([name]) => isScripted || /:\d+$/.test(name))
  // Arguments come as a list: a script's in the one part, a form's in the second of each of its actions.
  const lists = isScripted
    ? parts.map(([, value]) => value)
    : own
        .flatMap(([name]) => /^\$ACTION_REF_(.*)$/.exec(name)?.[1] ?? [])
        .map((key) => form.get(`$ACTION_${key}:1`))
  return (
    own.length > 0 &&
    parts.every(([, value]) => isPlain(parse(value), /^\$(K1|@1|undefined)$/)) &&
    lists.every((list) => list !== null && Array.isArray(parse(list)))
  )
}

function parse(text: FormDataEntryValue | string): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

/** The framework reads texts that begin with `$` as more than text, `$$` aside: only `allowed` may be such. */
function isPlain(value: unknown, allowed: RegExp): boolean {
  if (value === undefined) return false
  if (typeof value === 'string') return !/^\$(?!\$)/.test(value) || allowed.test(value)
  return (
    value === null || typeof value !== 'object' || Object.values(value).every((one) => isPlain(one, allowed))
  )
}
