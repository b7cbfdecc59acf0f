import 'server-only'
import type { ReactElement, ReactNode } from 'react'
import { z } from 'zod'
import { fullName } from '@/app/ui/person-name'
import { listBlocked } from '@/lib/blocking'
import type { CurrentUser } from '@/lib/current-user'
import { excerptLength } from '@/lib/excerpt'
import { check, seq } from '@/lib/fields'
import { listMessages } from '@/lib/history'
import type { KnownChange } from '@/lib/known-changes'
import { trimmedName } from '@/lib/mention-names'
import type { StreamItem } from '@/lib/stream-reader'
import { openStream } from '@/lib/streams'
import type { Message as MessageView } from '@/lib/views'
import { api, type Call, signedInByCookie } from '@/lib/web/api'
import type { RouteRequest } from '@/lib/web/node-request'
import { streamLife, streamResponse } from '@/lib/web/stream-response'
import { BlockedMessage, hideBlockedQuote, isBlocked } from './blocked-message'
import { mentionedNames } from './body/mentioned-names'
import { Deleted, Message, standTogether } from './message'
import { Notice } from './notice'

const bounds = z.object({ after: seq.default(0), since: seq.optional() })

/** How long the browser waits before it reloads a page that broke off. By then a restarted site answers. */
const refreshSeconds = 10

/** Makes the route of a live page. `find` finds the conversation's id from the path's parameters. */
export function livePageFor(find: (user: CurrentUser, params: Call['params']) => Promise<string>) {
  const handlers = api({
    GET: signedInByCookie(async (user, { request, params }) =>
      livePage(user, await find(user, params), request),
    ),
  })
  const GET: typeof handlers.GET = async (...asked) => showRefusal(await handlers.GET(...asked))
  return { ...handlers, GET }
}

/**
 * A page without scripts that never ends: it shows each message after `after`, and each change since `since`, as it
 * comes, scrolled to the end. When the stream's time is over, the browser reloads the page.
 */
async function livePage(user: CurrentUser, conversationId: string, request: RouteRequest) {
  const { pathname, searchParams } = new URL(request.url)
  const { after, since } = check(bounds, Object.fromEntries(searchParams))
  // Before the page begins, so that a person who may not see the conversation gets no page.
  const { messages } = await listMessages(user, conversationId, { before: after + 1, limit: 1 })
  const render = await renderer()
  const life = streamLife(request)
  const items = await openStream(user, conversationId, { after, since, life })
  const format = {
    type: html,
    head: top(refresh(refreshSeconds)) + start,
    write: writer(
      { user, path: pathname.replace(/\/live$/, ''), blocked: await listBlocked(user, conversationId) },
      // Not if it is no longer kept: then these are the first ones that are.
      messages.find(({ seq }) => seq <= after),
      render,
    ),
    tail: refresh(0),
    // If the chunks broke off, Chromium would show an error and never refresh the page.
    endsWithConnection: true,
  }
  return streamResponse(items, format, life)
}

/** Turns the API's refusal into a page, because the frame shows it. The page is reloaded if the failure may pass. */
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

/** A dynamic import, because Next.js allows no other in a route. */
const renderer = async () => (await import('react-dom/server')).renderToStaticMarkup

/** Reloads the page after it has ended. If there are several of these, the browser uses the shortest time. */
const refresh = (seconds: number) => `<meta http-equiv="refresh" content="${seconds}">`

const top = (refresh: string) => `<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">${refresh}<base target="_top"><title>New messages</title>
<link rel="stylesheet" href="/styles.css"></head>`

const start = `<body class="flex h-dvh flex-col-reverse overflow-y-auto"><div><p class="text-muted px-4 pt-2 text-sm">
New messages appear here as they are sent.</p><ol class="grid pb-2" aria-live="polite">
`

/** Renders each item. Without anything to show it writes a comment, which keeps the connection alive. */
function writer(
  { user, path, blocked }: { user: CurrentUser; path: string; blocked: string[] },
  last: MessageView | undefined,
  render: (element: ReactElement) => string,
) {
  let previous = last
  return (item: StreamItem) => {
    if (item.kind === 'quiet' || item.kind === 'expired') return '<!-- -->\n'
    if ('person' in item) return render(<Note>{`${fullName(item.person)} ${item.kind}`}</Note>)
    const { message } = item
    const isHidden = isBlocked(message, blocked)
    if (item.kind === 'changed')
      return (isHidden ? [] : item.changes)
        .map((change) => render(<ChangeNote change={change} message={message} path={path} />))
        .join('')
    if (message.kind === 'notice') return `${render(<Notice message={message} />)}\n`
    if (message.deletedAt) return `${render(<Deleted messages={[message]} isAside={false} />)}\n`
    const isOwn = message.sender.id === user.id
    const isFirst = isHidden || !previous || !standTogether(previous, message)
    previous = message
    const element = (
      <Message
        message={hideBlockedQuote(message, blocked)}
        userId={user.id}
        mentioned={mentionedNames(message, [user])}
        ownName={trimmedName(user.username)}
        path={path}
        canReply
        hasLinks
        isOwn={isOwn}
        isAside={false}
        isFirst={isFirst}
      />
    )
    return `${render(isHidden ? <BlockedMessage>{element}</BlockedMessage> : element)}\n`
  }
}

const Note = ({ children }: { children: ReactNode }) => (
  <li className="text-muted px-4 pt-2 text-center text-sm">{children}</li>
)

type ChangeProps = { change: KnownChange; message: MessageView; path: string }

/** A change of a message that the page, or this frame, already shows as it was before. */
const ChangeNote = ({ change, message, path }: ChangeProps) => (
  <Note>
    {describe(change, message)}{' '}
    <a href={`${path}?at=${message.seq}#m${message.seq}`} target="_top" className="link">
      Show
    </a>
  </Note>
)

function describe({ what, actor, emoji, added }: KnownChange, { sender, body }: MessageView) {
  const name = actor ? fullName(actor) : ''
  const its = `${fullName(sender)}’s message`
  if (what === 'edited') return `${name} edited: ${[...body].slice(0, excerptLength).join('')}`
  if (what === 'deleted') return name ? `${name} deleted a message` : `${its} was deleted`
  return added ? `${name} reacted ${emoji} to ${its}` : `${name} removed ${emoji} from ${its}`
}
