'use client'

import { useState } from 'react'
import type { Message } from '@/lib/messages'
import { sendMessage } from './actions'
import { formData } from './form-data'

/** A message that has no place in the conversation yet. */
export type Pending = { nonce: string; body: string; hasFailed?: boolean }
export type Refused = { body: string; reason: string }

/**
 * What was sent from here and is not among the messages yet. It stands there at once, stays when it
 * could not be sent, and may be sent again: its nonce makes it the same message however often.
 */
export function useOutbox(conversationId: string, messages: Message[], add: (more: Message[]) => void) {
  const [sent, setSent] = useState<Pending[]>([])
  const [refused, setRefused] = useState<Refused>()
  const forget = (nonce: string) => setSent((all) => all.filter((one) => one.nonce !== nonce))

  async function send({ nonce, body }: Pending) {
    setRefused(undefined)
    setSent((all) => [...all.filter((one) => one.nonce !== nonce), { nonce, body }])
    try {
      const { result, errors, alert } = await sendMessage({}, formData({ conversationId, nonce, body }))
      if (result) add([result])
      else setRefused({ body, reason: errors?.body ?? alert ?? 'The message was not sent.' })
      forget(nonce)
    } catch {
      setSent((all) => all.map((one) => (one.nonce === nonce ? { ...one, hasFailed: true } : one)))
    }
  }

  const stored = new Set(messages.map(({ nonce }) => nonce))
  return { pending: sent.filter(({ nonce }) => !stored.has(nonce)), send, refused }
}

export function PendingMessage({ pending, retry }: { pending: Pending; retry: () => void }) {
  return (
    <li className="appear flex justify-end px-4 pt-0.5">
      <div className="grid max-w-[min(68ch,85%)] justify-items-end">
        <div className="bg-own rounded-2xl px-3 py-1.5 whitespace-pre-wrap opacity-60">{pending.body}</div>
        {pending.hasFailed ? (
          <p role="alert" className="text-danger flex items-center gap-2 text-sm">
            Not sent.
            <button type="button" className="button px-2 text-sm" onClick={retry}>
              Try again
            </button>
          </p>
        ) : (
          <span className="sr-only">Sending</span>
        )}
      </div>
    </li>
  )
}
