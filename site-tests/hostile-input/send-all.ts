import assert from 'node:assert/strict'
import { type HttpResponse, type RawRequest, rawRequest } from '@/testing/http'

type Response = Pick<HttpResponse, 'status' | 'text' | 'headers'>

/** Sends all requests, a few at a time. Fails if a response is a server error, or if `isFine` rejects it. */
export async function sendAll(requests: RawRequest[], isFine: (response: Response) => boolean = () => true) {
  const failures: string[] = []
  const waiting = [...requests]
  const worker = async () => {
    for (let request = waiting.pop(); request; request = waiting.pop()) {
      const response = await send(request)
      if (response.status >= 500 || response.status === 0 || !isFine(response))
        failures.push(`${describe(request)} → ${response.status} ${response.text.slice(0, 120)}`)
    }
  }
  await Promise.all(Array.from({ length: 6 }, worker))
  console.log(`${requests.length} hostile requests sent`)
  assert.ok(requests.length > 0)
  assert.equal(failures.length, 0, failures.join('\n'))
}

export const isSuccessOrProblem = ({ status, headers }: Response) =>
  status < 400 || headers.get('content-type') === 'application/problem+json'

/** Sends one request. The server may close the connection before a body that is too large has been sent. */
async function send(request: RawRequest): Promise<Response> {
  const isHuge = (request.body?.length ?? 0) > 2 ** 20
  return rawRequest(request).catch((error: NodeJS.ErrnoException) => ({
    status: isHuge && /EPIPE|ECONNRESET/.test(error.code ?? '') ? 413 : 0,
    text: String(error),
    headers: new Headers({ 'content-type': 'application/problem+json' }),
  }))
}

function describe({ method, path, headers = {}, body }: RawRequest) {
  const { cookie, authorization, ...shown } = headers
  const start = body === undefined ? '' : JSON.stringify(body.toString('latin1' as never).slice(0, 400))
  return `${method} ${path.slice(0, 80)} ${JSON.stringify(shown).slice(0, 200)} ${start}`
}
