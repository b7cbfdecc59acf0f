/** The site's paths, each with `:id` for its parameter: the labels of its metrics. */
export const routes = new Set([
  '/',
  '/api/conversations/:id/messages',
  '/api/conversations/:id/read',
  '/api/docs',
  '/api/health',
  '/api/invitations',
  '/api/invitations/:id',
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
  '/c/:id/live',
  '/c/:id/messages',
  '/guest',
  '/invitations',
  '/login',
  '/overview',
  '/people',
  '/receipts',
  '/register',
  '/room/:id',
  '/room/:id/live',
  '/room/:id/messages',
  '/rooms',
  '/settings',
  '/styles.css',
])

const withParameter = /^(\/(?:c|room|api\/(?:conversations|invitations|room)))\/([^/]+)/

/**
 * The route that a path belongs to, and the value of its parameter. Any other path is `other`, because anyone can ask
 * for any path and each label costs memory.
 */
export function routeOf(path: string): { route: string; parameter: string } {
  if (path.startsWith('/_next/')) return { route: '/_next', parameter: '' }
  if (path.startsWith('/api/auth/')) return { route: '/api/auth', parameter: '' }
  const parameter = withParameter.exec(path)?.[2] ?? ''
  const route = path.replace(withParameter, '$1/:id')
  return { route: routes.has(route) ? route : 'other', parameter }
}
