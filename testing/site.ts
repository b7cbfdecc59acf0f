import assert from 'node:assert/strict'
import { request } from 'node:http'

export type Ask = {
  /** Another site than the one under test. */
  site?: string
  method?: string
  token?: string
  /** Sent as JSON, unless it is a text already. */
  body?: unknown
  headers?: Record<string, string>
}
// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the tests are about
export type Answer = { status: number; headers: Headers; text: string; body: any }

export const siteUrl = () => {
  const { PARLEY_SITE_URL } = process.env
  assert.ok(PARLEY_SITE_URL, 'run by `npm test -- integration`, which starts a site')
  return PARLEY_SITE_URL
}

/** Asks the site, and reads the answer; a redirection is an answer like any other. */
export async function ask(path: string, { site, method, token, body, headers }: Ask = {}): Promise<Answer> {
  const answer = await fetch(new URL(path, site ?? siteUrl()), {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
    redirect: 'manual',
  })
  const text = await answer.text()
  const isJson = answer.headers.get('content-type')?.includes('json')
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  }
}

export type RawAsk = {
  method: string
  path: string
  headers?: Record<string, string>
  body?: string | Buffer
}

/** Asks with what a well-behaved client would not send: the path and the body go out as they are. */
export function askRaw({ method, path, headers = {}, body }: RawAsk): Promise<Answer> {
  const { hostname, port } = new URL(siteUrl())
  return new Promise((resolve, reject) => {
    const asking = request({ hostname, port, method, path, headers, agent: false }, (answer) => {
      const { statusCode: status = 0 } = answer
      const headers = new Headers(answer.headers as Record<string, string>)
      // A stream has no end to wait for: that it began is the answer.
      if (headers.get('x-accel-buffering') === 'no') {
        asking.destroy()
        return resolve({ status, headers, text: '', body: undefined })
      }
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk) => (text += chunk))
      answer.on('end', () => resolve({ status, headers, text, body: undefined }))
      answer.on('error', reject)
    })
    asking.on('error', reject)
    asking.end(body)
  })
}

/** Checks that the API refused as it should: with that status and a problem document (RFC 9457). */
export function assertProblem(answer: Answer, status: number, faultyFields?: string[]) {
  const shown = `${answer.status} ${answer.text.slice(0, 300)}`
  assert.equal(answer.status, status, shown)
  assert.equal(answer.headers.get('content-type'), 'application/problem+json', shown)
  assert.equal(answer.body.status, status)
  assert.equal(typeof answer.body.title, 'string')
  assert.match(answer.body.detail, /\S.*[.”]$/, 'a sentence for people')
  if (faultyFields) assert.deepEqual(Object.keys(answer.body.errors ?? {}).sort(), faultyFields.sort(), shown)
}

export const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
