import type { ConversationView } from '@/lib/views'

/** The path of a conversation's page. */
export const pathOf = ({ id, kind, name }: Pick<ConversationView, 'id' | 'kind' | 'name'>) =>
  kind === 'room' ? `/room/${name}` : `/c/${id}`

/** The address of a message in its conversation, whose page has the path `path`. */
export const permalink = (path: string, seq: number) => `${path}?at=${seq}#m${seq}`

/** The page of one message. */
export const messagePath = (path: string, seq: number | string) => `${path}/m/${seq}`

export const replyLink = (path: string, seq: number) => `${path}?reply=${seq}#composer`

/** A conversation's page with the place that the query asks for. */
export function withPlace(path: string, query: Record<string, unknown>) {
  const place = ['at', 'reply'].flatMap((name) => {
    const value = query[name]
    return typeof value === 'string' ? [[name, value]] : []
  })
  return place.length ? `${path}?${new URLSearchParams(place)}` : path
}
