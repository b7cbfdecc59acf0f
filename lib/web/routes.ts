/** The site's paths, with names for their parameters: the labels of its metrics. */
export const routes = new Set([
  '/',
  '/about',
  '/api/conversations/:id',
  '/api/conversations/:id/invitations',
  '/api/conversations/:id/messages',
  '/api/conversations/:id/messages/:seq',
  '/api/conversations/:id/messages/:seq/reactions/:emoji',
  '/api/conversations/:id/messages/:seq/report',
  '/api/conversations/:id/people/:userId',
  '/api/conversations/:id/read',
  '/api/conversations/:id/stream',
  '/api/docs',
  '/api/export',
  '/api/groups',
  '/api/health',
  '/api/invitations',
  '/api/invitations/:id',
  '/api/links',
  '/api/links/:id',
  '/api/login',
  '/api/logout',
  '/api/me',
  '/api/metrics',
  '/api/openapi.json',
  '/api/realtime/auth',
  '/api/realtime/webhook',
  '/api/register',
  '/api/room/:id',
  '/api/session',
  '/api/users',
  '/c/:id',
  '/c/:id/changes',
  '/c/:id/live',
  '/c/:id/m/:seq',
  '/c/:id/m/:seq/delete',
  '/c/:id/m/:seq/edit',
  '/c/:id/m/:seq/report',
  '/c/:id/m/:seq/versions',
  '/c/:id/messages',
  '/c/:id/people',
  '/groups/new',
  '/guest',
  '/invitations',
  '/join/:token',
  '/links',
  '/login',
  '/mentions',
  '/operator',
  '/operator/log',
  '/operator/people',
  '/operator/people/:userId',
  '/operator/reports',
  '/operator/reports/:id/suspend',
  '/overview',
  '/people',
  '/receipts',
  '/register',
  '/reset/:token',
  '/room/:id',
  '/room/:id/changes',
  '/room/:id/live',
  '/room/:id/m/:seq',
  '/room/:id/m/:seq/delete',
  '/room/:id/m/:seq/edit',
  '/room/:id/m/:seq/report',
  '/room/:id/m/:seq/versions',
  '/room/:id/messages',
  '/room/:id/moderate',
  '/rooms',
  '/settings',
  '/settings/data',
  '/settings/data/delete',
  '/settings/data/export',
  '/setup/:key',
  '/styles.css',
])

/** The segments that a parameter follows, and its name. */
const parameterAfter: Record<string, string> = {
  c: 'id',
  conversations: 'id',
  invitations: 'id',
  join: 'token',
  links: 'id',
  m: 'seq',
  messages: 'seq',
  people: 'userId',
  reactions: 'emoji',
  reset: 'token',
  reports: 'id',
  room: 'id',
  setup: 'key',
}

/**
 * The route that a path belongs to, and the values of its parameters. Any other path is `other`, because anyone can ask
 * for any path and each label costs memory.
 */
export function routeOf(path: string): { route: string; parameters: Record<string, string> } {
  if (path.startsWith('/_next/')) return { route: '/_next', parameters: {} }
  if (path.startsWith('/api/auth/')) return { route: '/api/auth', parameters: {} }
  const parameters: Record<string, string> = {}
  const named: string[] = []
  for (const segment of path.split('/')) {
    const name = segment && parameterAfter[named.at(-1) ?? '']
    if (name) parameters[name] = segment
    named.push(name ? `:${name}` : segment)
  }
  const route = named.join('/')
  return { route: routes.has(route) ? route : 'other', parameters }
}
