import type { IncomingMessage } from 'node:http'
import * as pageChanges from '@/app/(chat)/c/[id]/changes/route'
import * as pageMessages from '@/app/(chat)/c/[id]/messages/route'
import * as roomPageChanges from '@/app/(chat)/room/[name]/changes/route'
import * as roomPageMessages from '@/app/(chat)/room/[name]/messages/route'
import * as formExport from '@/app/(chat)/settings/data/export/route'
import * as oneMessage from '@/app/api/conversations/[id]/messages/[seq]/route'
import * as conversationMessages from '@/app/api/conversations/[id]/messages/route'
import * as read from '@/app/api/conversations/[id]/read/route'
import * as stream from '@/app/api/conversations/[id]/stream/route'
import * as dataExport from '@/app/api/export/route'
import * as health from '@/app/api/health/route'
import * as me from '@/app/api/me/route'
import * as socketAuth from '@/app/api/realtime/auth/route'
import * as webhook from '@/app/api/realtime/webhook/route'
import * as room from '@/app/api/room/[name]/route'
import * as overview from '@/app/overview/route'
import * as receipts from '@/app/receipts/route'
import type { Handlers } from '@/lib/web/api'
import type { RouteRequest } from '@/lib/web/node-request'
import { pathOf } from '@/lib/web/requests'
import { routeOf } from '@/lib/web/routes'

/**
 * The routes that our own server calls itself, because they cost much less without the framework. Their names are those
 * in routes.ts.
 */
const directRoutes: Record<string, Handlers> = {
  '/api/conversations/:id/messages': conversationMessages,
  '/api/conversations/:id/messages/:seq': oneMessage,
  '/api/conversations/:id/read': read,
  '/api/conversations/:id/stream': stream,
  '/api/export': dataExport,
  '/api/health': health,
  '/api/me': me,
  '/api/realtime/auth': socketAuth,
  '/api/realtime/webhook': webhook,
  '/api/room/:id': room,
  '/c/:id/changes': pageChanges,
  '/c/:id/messages': pageMessages,
  '/overview': overview,
  '/receipts': receipts,
  '/room/:id/changes': roomPageChanges,
  '/room/:id/messages': roomPageMessages,
  '/settings/data/export': formExport,
}

/** The handler that answers a request without the framework, if there is one. */
export function directRoute(request: IncomingMessage) {
  const { route, parameters } = routeOf(pathOf(request))
  // Any other characters may be encoded: the framework decodes them.
  if (!Object.values(parameters).every((value) => /^[\w-]*$/.test(value))) return undefined
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const handler = directRoutes[route]?.[method as keyof Handlers]
  const { id = '', ...others } = parameters
  const params = Promise.resolve({ [route.includes('/room/') ? 'name' : 'id']: id, ...others })
  return handler && ((asked: RouteRequest) => handler(asked, { params }))
}
