import 'server-only'
import { addAbortSignal, type PassThrough, Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { ZipFile } from 'yazl'
import { listConversations } from '@/lib/conversations'
import type { CurrentUser } from '@/lib/current-user'
import { Refusal } from '@/lib/errors'
import { listMessages } from '@/lib/history'
import { logError } from '@/lib/log'
import { requireLiveSession } from '@/lib/login-sessions'
import { onAbort } from '@/lib/on-abort'
import type { ConversationView, Message } from '@/lib/views'
import { conversationPage, indexPage } from './page'
import { about } from './profile'

/**
 * Writes a ZIP of a person's data, no faster than it is read. It holds one page of messages in memory, and the names of
 * its files. It ends early, with an error, when `signal` is aborted or the login session ends.
 */
export function writeArchive(user: CurrentUser, profile: object, signal: AbortSignal): Readable {
  const zip = new ZipFile()
  const output = zip.outputStream as PassThrough
  onAbort(signal, () => output.destroy())
  writeFiles(zip, user, profile, signal)
    .then(() => zip.end())
    .catch((error) => {
      if (!signal.aborted && !(error instanceof Refusal)) logError('export', error)
      output.destroy(error)
    })
  return output
}

async function writeFiles(zip: ZipFile, user: CurrentUser, profile: object, signal: AbortSignal) {
  // One file after another, so that each reads its messages only when its turn comes.
  const add = async (path: string, text: AsyncIterable<string> | string[]) => {
    const source = addAbortSignal(signal, Readable.from(text))
    zip.addReadStream(source, path)
    await finished(source)
  }
  await add('profile.json', [`${JSON.stringify(profile, null, 2)}\n`])
  const written: Pick<ConversationView, 'id' | 'name' | 'kind'>[] = []
  for await (const { id, name, kind } of conversationsOf(user)) {
    await add(`conversations/${id}.jsonl`, lines(messagesOf(user, id)))
    await add(`conversations/${id}.html`, conversationPage({ name }, messagesOf(user, id)))
    written.push({ id, name, kind })
  }
  await add('index.html', indexPage(`The data of ${user.username}`, about, written))
}

async function* conversationsOf(user: CurrentUser) {
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof listConversations>> = await listConversations(user, { cursor })
    yield* page.conversations
    cursor = page.nextCursor
  } while (cursor)
}

/** The messages of a conversation, 100 at a time. They end if the person leaves it meanwhile. */
async function* messagesOf(user: CurrentUser, id: string) {
  for (let after = 0, more = true; more; ) {
    await requireLiveSession(user)
    const page = await listMessages(user, id, { after, limit: 100 }).catch(unlessMissing)
    if (!page?.messages.length) return
    yield page.messages
    after = page.messages.at(-1)?.seq ?? after
    more = page.more
  }
}

function unlessMissing(error: unknown) {
  if (!(error instanceof Refusal && error.status === 404)) throw error
  return undefined
}

async function* lines(pages: AsyncIterable<Message[]>) {
  for await (const messages of pages) yield messages.map((message) => `${JSON.stringify(message)}\n`).join('')
}
