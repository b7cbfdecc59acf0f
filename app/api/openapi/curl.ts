import type { CallDescription } from './call'

/** The call as a curl command for a shell in which SITE, TOKEN and the like are set. */
export function curl(method: string, path: string, { auth, example = {} }: CallDescription) {
  const { id = '$ID', userId = '$PERSON', query, body, options = [] } = example
  const values: Record<string, string> = {
    id,
    userId,
    name: 'lobby',
    seq: '$SEQ',
    emoji: '%F0%9F%91%8D',
  }
  const filled = path.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '')
  const url = `$SITE${filled}${query ? `?${query}` : ''}`
  const usualMethod = body === undefined ? 'GET' : 'POST'
  return [
    'curl',
    ...options,
    ...(method === usualMethod ? [] : [`-X ${method}`]),
    ...(auth ? [`-H "Authorization: Bearer ${auth === 'metricsToken' ? '$METRICS_TOKEN' : '$TOKEN'}"`] : []),
    ...(body === undefined
      ? []
      : [`-d ${typeof body === 'string' ? `"${body}"` : `'${JSON.stringify(body)}'`}`]),
    `"${url}"`,
  ].join(' ')
}

/** Commands that set the variables of the examples and show the API at work. */
export const firstCommands = (site: string) => `SITE=${site}
TOKEN=$(curl -s -d '{}' "$SITE/api/session" | sed 's/.*"token":"\\([^"]*\\)".*/\\1/')
MESSAGE=$(curl -s -H "Authorization: Bearer $TOKEN" -d "Good morning" "$SITE/api/room/lobby")
ID=$(echo "$MESSAGE" | sed 's/.*"conversationId":"\\([^"]*\\)".*/\\1/')
SEQ=$(echo "$MESSAGE" | sed 's/.*"seq":\\([0-9]*\\).*/\\1/')
curl -N -H "Authorization: Bearer $TOKEN" "$SITE/api/room/lobby?timeout=5"`
