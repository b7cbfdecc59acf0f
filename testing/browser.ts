import { encode } from 'next-auth/jwt'
import type { CurrentUser } from '@/lib/current-user'

/** The cookie of a person's browser; over https its name begins with `__Host-`. */
export async function cookieOf(
  { id, loginSessionId }: Pick<CurrentUser, 'id' | 'loginSessionId'>,
  cookieName = 'parley.session',
) {
  const secret = String(process.env.AUTH_SECRET)
  const token = await encode({ token: { sub: id, loginSessionId }, secret, salt: cookieName })
  return `${cookieName}=${token}`
}

/** A form of a page, as a browser without JavaScript would send it: its fields with their values. */
export type PageForm = { button: string; actionId: string; fields: Record<string, string> }

/** The forms that post to a server action, read from the page's own HTML. */
export function readForms(html: string): PageForm[] {
  const forms = [...html.matchAll(/<form\b[^>]*method="POST"[^>]*>(.*?)<\/form>/gis)].map(
    ([, inside = '']) => {
      const fields: Record<string, string> = {}
      for (const [tag] of inside.matchAll(/<(?:input|textarea|select)\b[^>]*>/gi)) {
        const name = attribute(tag, 'name')
        if (name) fields[name] = attribute(tag, 'value') ?? ''
      }
      const actionId = /"id":"([\da-f]+)"/.exec(Object.values(fields).join('\n'))?.[1]
      const plainId = Object.keys(fields)
        .find((name) => name.startsWith('$ACTION_ID_'))
        ?.slice(11)
      const button = /<button\b[^>]*>(.*?)<\/button>/is.exec(inside)?.[1]?.replace(/<[^>]*>/g, '') ?? ''
      return { button, actionId: actionId ?? plainId ?? '', fields }
    },
  )
  return forms.filter(({ actionId }) => actionId)
}

const entities: Record<string, string> = { quot: '"', amp: '&', lt: '<', gt: '>', '#x27': "'", '#39': "'" }

function attribute(tag: string, name: string) {
  const value = new RegExp(`\\b${name}="([^"]*)"`, 'i').exec(tag)?.[1]
  return value?.replace(/&([\w#]+);/g, (whole, entity: string) => entities[entity] ?? whole)
}
