import { randomUUID } from 'node:crypto'
import { ask } from '../http'
import { password } from './fill'
import type { FilledSite, Person } from './sites'

export interface Operation {
  name: string
  /** Prepares the `index`th request, and returns the function that sends it. */
  prepare: (site: FilledSite, index: number) => Promise<() => Promise<unknown>>
}

/** What is measured, in the words of the report. */
export const operations: Operation[] = [
  pageOf('Home page', () => '/'),
  pageOf('Page of a conversation', ({ conversationId }) => `/c/${conversationId}`),
  pageOf('Page of all rooms', () => '/rooms'),
  pageOf('Page of mentions', () => '/mentions'),
  operatorPageOf('Page of links', '/links'),
  operatorPageOf('Operator: start', '/operator'),
  operatorPageOf('Operator: people', '/operator/people'),
  operatorPageOf('Operator: people, 3 letters', '/operator/people?q=mar'),
  operatorPageOf('Operator: log', '/operator/log'),
  operatorPageOf('Operator: open reports', '/operator/reports'),
  historyOf('Newest 50 messages', ({ people }, index) => ({ person: at(people, index) })),
  historyOf('Oldest 50 messages of the longest conversation', ({ longest }, index) => ({
    person: longest,
    before: 51 + index,
  })),
  searchOf('no text'),
  searchOf('1 letter', ['a', 'm', 's', 'k', 'd']),
  searchOf('2 letters', ['an', 'ma', 'el', 'ko', 'ro']),
  searchOf('3 letters', ['mar', 'ros', 'vir', 'duk', 'and']),
  searchOf('3 letters inside many names', ['nde', 'sha', 'cha', 'iko', 'erg']),
  searchOf('a whole name', ({ name }) => name),
  searchOf('a whole username', ({ username }) => username),
  searchOf('1 Chinese character', ['王', '李', '凛']),
  searchOf('2 Korean or Japanese', ['佐藤', '민준', '陽菜']),
  searchOf('nobody, rare letters', ['zqxj', 'wxqz', 'qqqq']),
  searchOf('nobody, common letters', ['annaanna', 'mirmarmir', 'anderander']),
  searchOf('nobody, 64 letters', ['marina'.repeat(11).slice(0, 64)]),
  {
    name: 'Send',
    prepare: async ({ url, people }, index) => {
      const { token, conversationId } = at(people, index)
      return () =>
        request(`${url}/api/conversations/${conversationId}/messages`, {
          token,
          body: { body: 'The ferry leaves at nine, so bring the blue tickets.', nonce: randomUUID() },
        })
    },
  },
  {
    name: 'Mark read',
    prepare: async ({ url, people, sql }, index) => {
      const { token, conversationId } = at(people, index)
      const [row] = await sql`
        update memberships set last_read_seq = last_seq - 5, last_delivered_seq = last_seq - 5 from conversations
        where id = conversation_id and id = ${conversationId} returning last_seq::int as seq`
      return () =>
        request(`${url}/api/conversations/${conversationId}/read`, { token, body: { seq: row?.seq } })
    },
  },
  meOf('/api/me of a person with 20 conversations', ({ people }, index) => at(people, index)),
  meOf('/api/me of a person with 1,000 conversations', ({ hub }) => hub),
  {
    name: 'Log in (the password hashed at the lowest cost)',
    prepare: async ({ url, people }, index) => {
      const { username } = at(people, index)
      return () => request(`${url}/api/login`, { body: { username, password } })
    },
  },
]

const at = (people: Person[], index: number) => people[index % people.length] as Person

function pageOf(name: string, pathOf: (person: Person) => string): Operation {
  return {
    name,
    prepare: async ({ url, people }, index) => {
      const person = at(people, index)
      return () => request(url + pathOf(person), { cookie: person.cookie })
    },
  }
}

function operatorPageOf(name: string, path: string): Operation {
  return {
    name,
    prepare: async ({ url, hub }) => {
      return () => request(url + path, { cookie: hub.cookie })
    },
  }
}

function historyOf(
  name: string,
  choose: (site: FilledSite, index: number) => { person: Person; before?: number },
): Operation {
  return {
    name,
    prepare: async (site, index) => {
      const { person, before } = choose(site, index)
      const bounds = before ? `?before=${before}` : ''
      const { token, conversationId } = person
      return () => request(`${site.url}/api/conversations/${conversationId}/messages${bounds}`, { token })
    },
  }
}

function searchOf(name: string, texts: string[] | ((person: Person) => string) = ['']): Operation {
  return {
    name: `Search: ${name}`,
    prepare: async ({ url, people }, index) => {
      const person = at(people, index)
      const q = typeof texts === 'function' ? texts(person) : texts[index % texts.length]
      return () => request(`${url}/api/users?q=${encodeURIComponent(q ?? '')}`, person)
    },
  }
}

function meOf(name: string, choose: (site: FilledSite, index: number) => Person): Operation {
  return {
    name,
    prepare: async (site, index) => {
      const { token } = choose(site, index)
      return () => request(`${site.url}/api/me`, { token })
    },
  }
}

/** @throws unless the request succeeds */
async function request(
  url: string,
  { token, cookie, body }: { token?: string; cookie?: string; body?: object },
) {
  const headers = {
    ...(token ? { authorization: `Bearer ${token}` } : cookie && { cookie }),
    ...(body && { 'content-type': 'application/json' }),
  }
  const { status, text } = await ask(url, {
    method: body ? 'POST' : 'GET',
    headers,
    body: body && JSON.stringify(body),
  })
  if (status >= 300) throw new Error(`${url} answered ${status}: ${text.slice(0, 200)}`)
}
