import 'server-only'
import type { ConversationView, Message } from '@/lib/views'

// Pages that can be read without this site: in one file each, without scripts, pictures and links to elsewhere.

const style = `:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:68ch;margin:0 auto;padding:1rem}
h1{font-family:serif}ol,ul{list-style:none;padding:0}li{margin:1rem 0}p,blockquote{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
blockquote{border-left:3px solid;padding-left:.5rem;opacity:.8}.notice,.deleted,time,small{opacity:.75}`

// The policy is a second line of defence, if something was not escaped.
const top = (title: string) => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body>
<h1>${escapeHtml(title)}</h1>
`
const bottom = '</body></html>\n'

const characters: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => characters[character] ?? '')

const minute = (time: string) => `${time.slice(0, 16).replace('T', ' ')} UTC`

/** A conversation as a page, in pieces. */
export async function* conversationPage(
  { name }: Pick<ConversationView, 'name'>,
  pages: AsyncIterable<Message[]>,
) {
  yield `${top(name)}<ol>\n`
  for await (const messages of pages) yield messages.map(messageItem).join('')
  yield `</ol>${bottom}`
}

function messageItem(message: Message) {
  const { seq, kind, sender, body, createdAt, editedAt, deletedAt, replyTo, reactions } = message
  const time = `<time datetime="${createdAt}">${minute(createdAt)}</time>`
  if (kind === 'notice') return `<li id="m${seq}" class="notice">${escapeHtml(body)} · ${time}</li>\n`
  const head = `<b>${escapeHtml(sender.name)}</b> <small>${escapeHtml(sender.username)}</small> ${time}`
  if (deletedAt) return `<li id="m${seq}">${head}<p class="deleted">Message deleted</p></li>\n`
  const edited = editedAt ? ' · <small>edited</small>' : ''
  const quote = replyTo
    ? `<blockquote><a href="#m${replyTo.seq}">${escapeHtml(replyTo.sender.name)}</a>: ${
        replyTo.isDeleted ? 'Message deleted' : escapeHtml(replyTo.excerpt)
      }</blockquote>`
    : ''
  const kinds = reactions.map(({ emoji, count, people }) => {
    const names = people.map(({ name }) => name).join(', ')
    const more = count > people.length ? ` and ${count - people.length} more` : ''
    return escapeHtml(`${emoji} ${names}${more}`)
  })
  const reacted = kinds.length ? `<small>${kinds.join(' · ')}</small>` : ''
  return `<li id="m${seq}">${head}${edited}${quote}<p>${escapeHtml(body)}</p>${reacted}</li>\n`
}

type Listed = Pick<ConversationView, 'id' | 'name' | 'kind'>

/** What the archive contains, and links to its conversations, in pieces. */
export async function* indexPage(title: string, about: string[], conversations: Iterable<Listed>) {
  yield `${top(title)}${about.map((sentence) => `<p>${escapeHtml(sentence)}</p>\n`).join('')}<ul>\n`
  for (const { id, name, kind } of conversations)
    yield `<li><a href="conversations/${id}.html">${escapeHtml(name)}</a> <small>${kind}</small></li>\n`
  yield `</ul>${bottom}`
}
