import 'server-only'
import type { ReactElement } from 'react'
import { z } from 'zod'
import { fullName } from '@/app/ui/person-name'
import type { CurrentUser } from '@/lib/current-user'
import { check, seq } from '@/lib/fields'
import { listMessages } from '@/lib/messages'
import { openStream, type StreamItem } from '@/lib/streams'
import type { Message as MessageView } from '@/lib/views'
import { api, signedInBrowser } from '@/lib/web/api'
import type { RouteRequest } from '@/lib/web/node-request'
import { streamLife, streamResponse } from '@/lib/web/stream-response'
import { Message, standTogether } from './message'

const bounds = z.object({ after: seq.default(0) })

/** How long the browser waits before it loads a page again that has ended unexpectedly: a restarted site answers by then. */
const refreshSeconds = 10

/** The route of a live page; `find` gives the conversation's id for what the path names. */
export function livePageFor(find: (user: CurrentUser, name: string) => Promise<string>) {
  const handlers = api({
    GET: signedInBrowser(async (user, { request, id: name }) =>
      livePage(user, await find(user, name), request),
    ),
  })
  const GET: typeof handlers.GET = async (...asked) => showRefusal(await handlers.GET(...asked))
  return { ...handlers, GET }
}

/**
 * A page that never ends: what is said after a message, each as it comes, with no script. It lies with
 * its end in view, and when the stream's time is over the browser loads it again from the same place.
 */
async function livePage(user: CurrentUser, conversationId: string, request: RouteRequest) {
  const { after } = check(bounds, Object.fromEntries(new URL(request.url).searchParams))
  // Read first: who may not see the conversation gets no page at all.
  const [last] = await listMessages(user, conversationId, { before: after + 1, limit: 1 })
  const render = await renderer()
  const life = streamLife(request)
  const items = await openStream(user, conversationId, { after, life })
  const format = {
    type: html,
    head: top(refresh(refreshSeconds)) + start,
    write: writer(user, last, render),
    tail: refresh(0),
    // Chromium takes a page whose chunks broke off for a failed one, and never refreshes it.
    endsWithConnection: true,
  }
  return streamResponse(items, format, life)
}

/** The API's refusal as a page, because the frame shows it to the reader. A failure that may pass is tried again. */
async function showRefusal(answer: Response) {
  if (answer.ok) return answer
  const { detail } = await answer.json()
  const mayPass = answer.status === 429 || answer.status >= 500
  const render = await renderer()
  const headers = new Headers(answer.headers)
  headers.set('content-type', html)
  headers.set('cache-control', 'no-store')
  const alert = render(
    <p role="alert" className="px-4 py-2 text-sm">
      {detail}
    </p>,
  )
  return new Response(top(mayPass ? refresh(refreshSeconds) : '') + alert, {
    status: answer.status,
    headers,
  })
}

const html = 'text/html; charset=utf-8'

/** Imported on use: Next.js allows it in a route only so. */
const renderer = async () => (await import('react-dom/server')).renderToStaticMarkup

/** Of several in a page the shortest counts, from when the page has ended. */
const refresh = (seconds: number) => `<meta http-equiv="refresh" content="${seconds}">`

const top = (refresh: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">${refresh}<title>New messages</title>
<link rel="stylesheet" href="/live.css"></head>`

const start = `<body class="flex h-dvh flex-col-reverse overflow-y-auto"><div><p class="text-muted px-4 pt-2 text-sm">
New messages come here as they are sent.</p><ol class="grid pb-2" aria-live="polite">
`

/** Each item as a part of the page; a comment where there is nothing to see, so that the stream lives. */
function writer(user: CurrentUser, last: MessageView | undefined, render: (element: ReactElement) => string) {
  let previous = last
  return (item: StreamItem) => {
    if (item.kind === 'quiet') return '<!-- -->\n'
    if (item.kind !== 'message')
      return render(
        <li className="text-muted px-4 pt-2 text-center text-sm">{`${fullName(item.person)} ${item.kind}`}</li>,
      )
    const { message } = item
    const isOwn = message.sender.id === user.id
    const isFirst = !previous || !standTogether(previous, message)
    previous = message
    return `${render(<Message message={message} isOwn={isOwn} isAside={false} isFirst={isFirst} />)}\n`
  }
}
