import assert from 'node:assert/strict'
import { request as sendRequest } from 'node:http'

export type RequestOptions = {
  /** The address of another site than the one under test. */
  site?: string
  method?: string
  token?: string
  /** Sent as JSON, unless it is a string or a form. */
  body?: unknown
  headers?: Record<string, string>
}
// biome-ignore lint/suspicious/noExplicitAny: the tests are about what a body holds
export type HttpResponse = { status: number; headers: Headers; text: string; body: any }

export const siteUrl = () => {
  const { PARLEY_SITE_URL } = process.env
  assert.ok(PARLEY_SITE_URL, 'run by `npm test -- integration`, which starts a site')
  return PARLEY_SITE_URL
}

/** Sends a request and reads the whole response. Redirects are not followed. */
export async function request(path: string, options: RequestOptions = {}): Promise<HttpResponse> {
  const { site = siteUrl(), token, body, headers } = options
  const isForm = body instanceof FormData
  const response = await fetch(new URL(path, site), {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && !isForm && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined || typeof body === 'string' || isForm ? body : JSON.stringify(body),
    redirect: 'manual',
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json')
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  }
}

export type RawRequest = {
  /** As in `request`. */
  site?: string
  method: string
  path: string
  headers?: Record<string, string>
  body?: string | Buffer
}

/** Sends the path, the headers and the body as they are, which fetch() would correct or refuse. */
export function rawRequest({
  site = siteUrl(),
  method,
  path,
  headers = {},
  body,
}: RawRequest): Promise<HttpResponse> {
  const { hostname, port } = new URL(site)
  // Node.js leaves it out for DELETE.
  const hasLength = body !== undefined && !('transfer-encoding' in headers)
  const length = hasLength && { 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, headers: { ...length, ...headers }, agent: false }
    const sent = sendRequest(options, (response) => {
      const { statusCode: status = 0 } = response
      const headers = new Headers(response.headers as Record<string, string>)
      // A stream does not end by itself, so its headers are the whole response.
      if (headers.get('x-accel-buffering') === 'no') {
        sent.destroy()
        return resolve({ status, headers, text: '', body: undefined })
      }
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      response.on('end', () => resolve({ status, headers, text, body: undefined }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** Writes a request as it goes over the wire, for tests that open their own connections. */
export function requestText(line: string, headers: Record<string, string> = {}, body = '') {
  const lines = Object.entries({ host: 'parley', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${line} HTTP/1.1\r\n${lines.join('')}\r\n${body}`
}

/** Checks that the API refused with that status and a problem document (RFC 9457). */
export function assertProblem(response: HttpResponse, status: number, faultyFields?: string[]) {
  const shown = `${response.status} ${response.text.slice(0, 300)}`
  assert.equal(response.status, status, shown)
  assert.equal(response.headers.get('content-type'), 'application/problem+json', shown)
  assert.equal(response.body.status, status)
  assert.equal(typeof response.body.title, 'string')
  assert.match(response.body.detail, /\S.*[.”]$/, 'a sentence for people')
  if (faultyFields)
    assert.deepEqual(Object.keys(response.body.errors ?? {}).sort(), faultyFields.sort(), shown)
}

export const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
