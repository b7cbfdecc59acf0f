import { useState } from 'react'
import type { Change } from '@/app/browser/outbox'
import type { Message } from '@/lib/views'
import MessageEditor from './message-editor'

/** Editing a message in its place. `change` sends the edit. */
export function useEditing(messages: Message[], change: (change: Change) => void) {
  // The text and version from the start: if the text changes meanwhile, saving is refused.
  const [message, setMessage] = useState<Message>()

  const edit = (seq: number) => setMessage(messages.find((one) => one.seq === seq))

  function end() {
    setMessage(undefined)
    document.getElementById('composer')?.focus()
  }
  function save(body: string) {
    if (message && body !== message.body)
      change({ what: 'edit', seq: message.seq, body, version: message.version })
    end()
  }
  const editor = message && <MessageEditor key={message.seq} text={message.body} save={save} cancel={end} />
  return { edit, edited: message && { seq: message.seq, editor } }
}
