'use client'

import { type KeyboardEvent, useActionState, useEffect, useRef } from 'react'
import { sendMessage } from './actions'
import type { Pending, Refused } from './outbox'

type ComposerProps = {
  conversationId: string
  /** A room's name: sending joins it. */
  room?: string
  /** The first message's; the script makes each further one. */
  nonce: string
  send: (pending: Pending) => void
  /** What was typed and could not be accepted, with the reason. */
  refused: Refused | undefined
  onTyping: () => void
}

/** Where a message is written: a form that needs no script; with one, the message stands there at once. */
export function Composer({ conversationId, room, nonce, send, refused, onTyping }: ComposerProps) {
  const [state, submit] = useActionState(sendMessage, {})
  const field = useRef<HTMLTextAreaElement>(null)
  useFocusKey(field)

  // What was refused comes back to be mended, unless something else is being written by now.
  useEffect(() => {
    if (refused && field.current?.value === '') field.current.value = refused.body
  }, [refused])

  function sendScripted(event: { preventDefault: () => void }) {
    event.preventDefault()
    const body = field.current?.value ?? ''
    if (field.current) field.current.value = ''
    field.current?.focus()
    if (body.trim()) send({ nonce: crypto.randomUUID(), body })
  }

  const error = refused?.reason ?? state.errors?.body ?? state.alert
  return (
    <form action={submit} onSubmit={sendScripted} className="border-line grid gap-1 border-t p-3">
      <input type="hidden" name="conversationId" value={conversationId} />
      {room && <input type="hidden" name="room" value={room} />}
      <input type="hidden" name="nonce" value={state.values?.nonce ?? nonce} />
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
          defaultValue={state.values?.body}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? 'composer-error' : undefined}
          className="input field-sizing-content max-h-[calc(8lh+1rem)] resize-none"
          onInput={onTyping}
          onKeyDown={(event) => {
            if (isSendKey(event)) sendScripted(event)
          }}
        />
        <button type="submit" className="button button-primary">
          Send
        </button>
      </div>
      {error && (
        <p id="composer-error" role="alert" className="text-danger text-sm">
          {error}
        </p>
      )}
    </form>
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
