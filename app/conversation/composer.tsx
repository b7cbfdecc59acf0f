'use client'

import { type KeyboardEvent, useActionState, useEffect, useEffectEvent, useRef, useState } from 'react'
import { draftOf } from '@/app/browser/composer-text'
import type { Draft } from '@/lib/views'
import { discardDraft, sendMessage } from './actions'
import type { Refused } from './conversation-state'
import { formData } from './form-data'

type ComposerProps = {
  userId: string
  /** The same for the action, signed. */
  owner: string
  conversationId: string
  /** A room's name: sending joins it. */
  room?: string
  /** Only what was written before can be seen then. */
  isClosed: boolean
  /** For a form without a script; the outbox makes its own. */
  nonce: string
  /** A text that was sent without JavaScript after the login session had ended. */
  draft?: Draft
  send: (body: string) => void
  /** Comes back to be mended: if that is wanted, or nothing else is being written. */
  refused: Refused | undefined
  /** It is here again. */
  onTaken: (nonce: string) => void
  onTyping: () => void
}

/** Where a message is written: a form that needs no script; with one, the message stands there at once. */
export function Composer({
  userId,
  owner,
  conversationId,
  room,
  isClosed,
  nonce,
  draft,
  send,
  refused,
  onTaken,
  onTyping,
}: ComposerProps) {
  const [state, submit] = useActionState(sendMessage, {})
  const [reason, setReason] = useState<string>()
  const text = state.values?.body ?? draft?.body
  const [isEmpty, setEmpty] = useState(!text)
  const field = useRef<HTMLTextAreaElement>(null)
  useFocusKey(field)

  function keep() {
    const { value = '' } = field.current ?? {}
    draftOf(userId, conversationId).write(value)
    setEmpty(!value)
  }
  function write(text: string) {
    if (field.current) field.current.value = text
    keep()
  }
  const written = () => field.current?.value ?? ''

  const restore = useEffectEvent(() => {
    const kept = draftOf(userId, conversationId).read()
    write([...new Set([kept, written()])].filter(Boolean).join('\n'))
    if (draft) discardDraft({}, formData({ draft: draft.id })).catch(() => {})
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each person has their own
  useEffect(() => {
    restore()
    const { current } = field
    return () => {
      // Somebody else may be logged in from here on.
      if (current) current.value = ''
    }
  }, [userId])

  const take = useEffectEvent(() => {
    if (!refused || (written() && !refused.isWanted)) return
    write([refused.body, written()].filter(Boolean).join('\n'))
    setReason(refused.refusal)
    onTaken(refused.nonce)
    if (refused.isWanted) field.current?.focus()
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each
  useEffect(() => take(), [refused?.nonce, refused?.isWanted])

  function sendScripted(event: { preventDefault: () => void }) {
    event.preventDefault()
    const body = written()
    setReason(undefined)
    if (body.trim()) send(body)
    write('')
    field.current?.focus()
  }

  const isHidden = isClosed && isEmpty
  const closed = isClosed ? 'This conversation is closed.' : undefined
  const error = reason ?? state.errors?.body ?? state.alert ?? closed
  return (
    <>
      {isHidden && <p className="border-line text-muted border-t p-4">{closed}</p>}
      <form
        action={submit}
        onSubmit={sendScripted}
        className={`border-line gap-1 border-t p-3 ${isHidden ? 'hidden' : 'grid'}`}
      >
        <input type="hidden" name="conversationId" value={conversationId} />
        <input type="hidden" name="owner" value={owner} />
        {room && <input type="hidden" name="room" value={room} />}
        {draft && <input type="hidden" name="draft" value={draft.id} />}
        <input type="hidden" name="nonce" value={state.values?.nonce ?? draft?.nonce ?? nonce} />
        <div className="flex items-end gap-2">
          <label className="sr-only" htmlFor="composer">
            Message
          </label>
          <textarea
            ref={field}
            id="composer"
            name="body"
            rows={1}
            // biome-ignore lint/a11y/noAutofocus: a conversation is opened to write in it
            autoFocus
            placeholder="Write a message"
            // Going back, a browser would put the text that was sent beside a new nonce: one press and it is said twice.
            autoComplete="off"
            defaultValue={text}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? 'composer-error' : undefined}
            className="input field-sizing-content max-h-[calc(8lh+1rem)] resize-none"
            onInput={() => {
              keep()
              onTyping()
            }}
            onKeyDown={(event) => {
              if (isSendKey(event)) sendScripted(event)
            }}
          />
          <button type="submit" className="button button-primary">
            Send
          </button>
        </div>
        {error && !isHidden && (
          <p id="composer-error" role="alert" className="text-danger text-sm">
            {error}
          </p>
        )}
      </form>
    </>
  )
}

/** Enter sends and Shift+Enter breaks the line; on a touch keyboard, and while a word is composed, Enter is its own. */
const isSendKey = (event: KeyboardEvent) =>
  event.key === 'Enter' &&
  !event.shiftKey &&
  !event.nativeEvent.isComposing &&
  !matchMedia('(pointer: coarse)').matches

/** Escape comes back to the composer, from anywhere. */
function useFocusKey(field: { current: HTMLElement | null }) {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => event.key === 'Escape' && field.current?.focus()
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [field])
}
