import { mentionNames, trimmedName } from '@/lib/mention-names'
import type { Message, Person } from '@/lib/views'

/**
 * The names in a message's text that are mentions, separated by spaces. Of mentioned people who have left, only the ids
 * are known, so if there are any, each name of nobody who is here may be theirs.
 */
export function mentionedNames({ body, mentions }: Pick<Message, 'body' | 'mentions'>, people: Person[]) {
  if (!mentions.length) return undefined
  const here = people.filter(({ id }) => mentions.includes(id)).map(({ username }) => username)
  const left = here.length < mentions.length ? namesOfOthers(body, people) : []
  return [...new Set([...here, ...left].map(trimmedName))].join(' ')
}

function namesOfOthers(body: string, people: Person[]) {
  const here = new Set(people.map(({ username }) => username.toLowerCase()))
  return mentionNames(body).filter((name) => !here.has(name))
}
