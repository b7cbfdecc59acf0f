import cluster from 'node:cluster'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import next from 'next'
import { directRoute } from '@/app/direct-routes'
import { env } from '@/lib/env'
import { asRefusal } from '@/lib/errors'
import { answer as answerQuestions } from '@/lib/ipc'
import { logError } from '@/lib/log'
import { readMetrics } from '@/lib/metrics'
import { published } from '@/lib/realtime/publish'
import { withRequest } from '@/lib/request-context'
import { endStreams } from '@/lib/streams'
import { boundRequest, readBytes, withBody } from '@/lib/web/body'
import { NodeRequest } from '@/lib/web/node-request'
import { addressOf } from '@/lib/web/own-address'
import { admitPage, admittedHeader } from '@/lib/web/page-gate'
import { refusalFor } from '@/lib/web/refusal-page'
import { beginResponse, logWhenAnswered, pathOf, settleOrigin } from '@/lib/web/requests'
import { sendAnswer } from '@/lib/web/send-answer'

const { AUTH_URL, HOST: hostname = '127.0.0.1', PORT: port, TRUST_PROXY: trustProxy } = env()
const isHttps = AUTH_URL?.startsWith('https:') ?? false
const dev = process.env.NODE_ENV === 'development'

// Longer than proxies keep an idle connection, because a request on a connection that was just closed is lost.
const server = createServer({ keepAliveTimeout: 65_000, headersTimeout: 20_000, requestTimeout: 60_000 })
// After an action that redirects, Next.js requests the next page from this address. It must not come from a client's
// header.
process.env.__NEXT_PRIVATE_ORIGIN = addressOf(hostname, port)
const framework = next({ dev, hostname, port, httpServer: server })
await framework.prepare()
const answerByFramework = framework.getRequestHandler()

server.on('request', (request, response) => {
  settleOrigin(request, { trustProxy, isHttps })
  const context = beginResponse(request, response)
  logWhenAnswered(context, request, response)
  withRequest(context, () => answer(request, response))
})
server.on('error', (error) => {
  console.error(error.message)
  process.exit(1)
})
server.listen(port, hostname, () => {
  if (cluster.isWorker) answerQuestions(process, { isAlive: () => true, metrics: readMetrics })
})
process.once('SIGTERM', stop)

async function answer(request: IncomingMessage, response: ServerResponse) {
  try {
    // In development Next.js answers everything, so that changed code is reloaded.
    const direct = dev ? undefined : directRoute(request)
    if (direct) return await sendAnswer(request, response, await direct(new NodeRequest(request, response)))
    const admitted = await admit(request, response)
    if (admitted instanceof Response) await sendAnswer(request, response, admitted)
    else await answerByFramework(admitted, response)
  } catch (error) {
    // The client hung up.
    if (response.destroyed) return
    if (response.headersSent) return void response.destroy(error as Error)
    await sendAnswer(request, response, explain(error, pathOf(request)))
  }
}

/** Does what proxy.ts does on platforms. Static files need no gate; in development proxy.ts runs. */
async function admit(request: IncomingMessage, response: ServerResponse) {
  delete request.headers[admittedHeader]
  if (dev || !isPage(pathOf(request))) return boundRequest(request)
  const pageRequest = new NodeRequest(request, response)
  let body: Buffer<ArrayBuffer> | undefined
  const headers = await admitPage(pageRequest, async () => (body = await readBytes(pageRequest)))
  if (headers instanceof Response) return headers
  const admitted = body ? withBody(request, body) : await boundRequest(request)
  Object.assign(admitted.headers, headers, { [admittedHeader]: '1' })
  response.setHeader('content-security-policy', headers['content-security-policy'])
  return admitted
}

/** Excludes `//…`, which a browser would resolve to another host: Next.js redirects it. */
const isPage = (path: string) =>
  /^\/(?!\/|api(\/|$)|_next\/static\/|(icon\.svg|icon-(192|512|maskable)\.png|apple-touch-icon\.png|favicon\.ico|robots\.txt|manifest\.webmanifest|styles\.css)$)/.test(
    path,
  )

function explain(error: unknown, path: string) {
  const refusal = asRefusal(error)
  if (!refusal) logError('server', error)
  const { status, message } = refusal ?? { status: 500, message: 'Something went wrong.' }
  return refusalFor(path, { status, message })
}

/** Ends streams at once and lets other requests finish. The contract allows 10 s for everything. */
function stop() {
  endStreams()
  // Idle connections are closed at once; those in use close soon after their answer.
  server.keepAliveTimeout = 1
  server.close(async () => {
    await Promise.all([published(), framework.close()])
    process.exit()
  })
  setTimeout(() => process.exit(), 9000).unref()
}
