import 'server-only'
import type { ReactElement } from 'react'
import { z } from 'zod'
import { fullName } from '@/app/ui/person-name'
import { check, seq } from '@/lib/fields'
import type { CurrentUser } from '@/lib/login-sessions'
import { listMessages, type Message as MessageView } from '@/lib/messages'
import { type StreamItem, streamConversation } from '@/lib/streams'
import { api, signedInBrowser } from '@/lib/web/api'
import { streamResponse, streamSignal } from '@/lib/web/stream-response'
import { stylesheetLinks } from '@/lib/web/stylesheet'
import { Message, standTogether } from '../message'

const bounds = z.object({ after: seq.default(0) })

/** The route of a live page; `find` gives the conversation's id for what the path names. */
export const livePageFor = (find: (user: CurrentUser, name: string) => Promise<string>) =>
  api({
    GET: signedInBrowser(async (user, { request, id: name }) =>
      livePage(user, await find(user, name), request),
    ),
  })

/**
 * A page that never ends: what is said after a message, each as it comes, with no script. It lies with
 * its end in view, and when the stream's time is over the browser loads it again from the same place.
 */
async function livePage(user: CurrentUser, conversationId: string, request: Request) {
  const { after } = check(bounds, Object.fromEntries(new URL(request.url).searchParams))
  // Read first: who may not see the conversation gets no page at all.
  const [last] = await listMessages(user, conversationId, { before: after + 1, limit: 1 })
  const items = streamConversation(user, conversationId, { after, signal: streamSignal(request) })
  // Not to be bundled with what has no use for it; the framework allows it only so.
  const { renderToStaticMarkup } = await import('react-dom/server')
  return streamResponse(items, {
    type: 'text/html; charset=utf-8',
    head: top(await stylesheetLinks()),
    write: writer(user, last, renderToStaticMarkup),
  })
}

// The refresh waits until the page has ended, however it did.
const top = (links: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><meta http-equiv="refresh" content="1"><title>New messages</title>
${links}</head><body class="flex h-dvh flex-col-reverse overflow-y-auto"><div><p class="text-muted px-4 pt-2 text-sm">
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
    const { createdAt } = message
    const time = <time dateTime={createdAt}>{createdAt.slice(11, 16)} UTC</time>
    return `${render(<Message message={message} isOwn={isOwn} isAside={false} isFirst={isFirst} time={time} />)}\n`
  }
}
