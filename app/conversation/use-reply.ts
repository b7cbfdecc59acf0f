import { useEffect, useState } from 'react'
import { composerText } from '@/app/browser/composer-text'
import { useStore } from '@/app/browser/store-context'
import type { Message } from '@/lib/views'
import { isAnswerable, type Quoted, quoteOf } from './quote'

type Place = { conversationId: string; path: string }

/**
 * The message that the composer answers. It is kept for this tab, as the composer's text is.
 * @param answered the one that the page's address names
 * @returns that message as it is now, and a function that answers another one, or none
 */
export function useReply({ conversationId, path }: Place, messages: Message[], answered?: Message) {
  const { userId } = useStore()
  const [quoted, setQuoted] = useState(answered && quoteOf(answered))
  useEffect(() => {
    const kept = composerText(userId, `${conversationId}.reply`)
    if (answered) kept.write(JSON.stringify(quoteOf(answered)))
    setQuoted(parse(kept.read()))
  }, [userId, conversationId, answered])

  function reply(seq?: number) {
    const message = messages.find((one) => one.seq === seq)
    const quote = message && isAnswerable(message) ? quoteOf(message) : undefined
    setQuoted(quote)
    composerText(userId, `${conversationId}.reply`).write(quote ? JSON.stringify(quote) : '')
    // Otherwise the address would name the message again after a reload.
    if (location.search.includes('reply=')) history.replaceState(null, '', path)
  }
  const known = messages.find(({ seq }) => seq === quoted?.seq)
  return [known ? quoteOf(known) : quoted, reply] as const
}

function parse(text: string | undefined): Quoted | undefined {
  try {
    return text ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}
