/** The site's paths, with what varies in them left open: labels for its metrics. */
export const routes = new Set([
  '/',
  '/api/conversations/:id/messages',
  '/api/conversations/:id/read',
  '/api/health',
  '/api/invitations',
  '/api/invitations/:id',
  '/api/login',
  '/api/logout',
  '/api/me',
  '/api/metrics',
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
  '/live.css',
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
])

const named = /^(\/(?:c|room|api\/(?:conversations|invitations|room)))\/([^/]+)/

/** The route that a path belongs to, and what varies in it; `other` for what is none, for anyone can ask for any path. */
export function routeOf(path: string): { route: string; id: string } {
  if (path.startsWith('/_next/')) return { route: '/_next', id: '' }
  if (path.startsWith('/api/auth/')) return { route: '/api/auth', id: '' }
  const id = named.exec(path)?.[2] ?? ''
  const route = path.replace(named, '$1/:id')
  return { route: routes.has(route) ? route : 'other', id }
}
