'use client'

import Link from 'next/link'
import { type KeyboardEvent, useActionState, useEffect, useEffectEvent, useRef, useState } from 'react'
import { composerText } from '@/app/browser/composer-text'
import type { Draft, Person } from '@/lib/views'
import { discardDraft, sendMessage } from './actions'
import type { Refused } from './conversation-state'
import { formData } from './form-data'
import type { MentionList } from './mention-list'
import { Quote, type Quoted } from './quote'

type ComposerProps = {
  userId: string
  /** The same for the action, signed. */
  owner: string
  conversationId: string
  /** The path of the conversation's page. */
  path: string
  /** The people who can be mentioned. */
  people: Person[]
  /** A room's name: sending joins it. */
  room?: string
  /** Then the composer is hidden unless it contains a text. */
  isClosed: boolean
  /** For sending without JavaScript. The outbox makes its own nonces. */
  nonce: string
  /** A text that was sent without JavaScript after the login session had ended. */
  draft?: Draft
  /** The message that is answered. */
  quoted?: Quoted
  /** Answers the message with that `seq`, or none. */
  reply: (seq?: number) => void
  /** Edits the person's last message. */
  editLast: () => void
  send: (body: string, replyTo?: number) => void
  /** A refused text to put back, if the person wants to edit it or the composer is empty. */
  refused: Refused | undefined
  /** Called when it was put back. */
  onTaken: (nonce: string) => void
  onTyping: () => void
}

/** The form to write a message. With JavaScript the outbox sends it, and it appears at once. */
export function Composer({
  userId,
  owner,
  conversationId,
  path,
  people,
  room,
  isClosed,
  nonce,
  draft,
  quoted,
  reply,
  editLast,
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
  const [List, setList] = useState<typeof MentionList>()

  function keep() {
    const { value = '' } = field.current ?? {}
    composerText(userId, conversationId).write(value)
    setEmpty(!value)
  }
  function write(text: string) {
    if (field.current) field.current.value = text
    keep()
  }
  const currentText = () => field.current?.value ?? ''
  function offerMentions() {
    if (List || !currentText().includes('@')) return
    // Not lazy(), which would make the page fail if the browser is offline.
    import('./mention-list').then(
      ({ MentionList }) => setList(() => MentionList),
      () => {},
    )
  }

  const restore = useEffectEvent(() => {
    const kept = composerText(userId, conversationId).read()
    write([...new Set([kept, currentText()])].filter(Boolean).join('\n'))
    if (draft) discardDraft({}, formData({ draft: draft.id })).catch(() => {})
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: each person has their own text
  useEffect(() => {
    restore()
    const { current } = field
    return () => {
      // Somebody else may log in after this.
      if (current) current.value = ''
    }
  }, [userId])

  const take = useEffectEvent(() => {
    if (!refused || (currentText() && !refused.isWanted)) return
    write([refused.body, currentText()].filter(Boolean).join('\n'))
    setReason(refused.refusal)
    if (refused.replyTo) reply(refused.replyTo)
    onTaken(refused.nonce)
    if (refused.isWanted) field.current?.focus()
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: once for each refused text
  useEffect(() => take(), [refused?.nonce, refused?.isWanted])

  function sendScripted(event: { preventDefault: () => void }) {
    event.preventDefault()
    const body = currentText()
    setReason(undefined)
    if (body.trim()) {
      send(body, quoted?.seq)
      reply(undefined)
    }
    write('')
    field.current?.focus()
  }

  const isHidden = isClosed && isEmpty
  const closed = isClosed
    ? room
      ? 'This room is closed to new messages.'
      : 'This conversation is closed.'
    : undefined
  const error = reason ?? state.errors?.body ?? state.errors?.replyTo ?? state.alert ?? closed
  return (
    <>
      {isHidden && <p className="border-line text-muted border-t p-4">{closed}</p>}
      <form
        action={submit}
        onSubmit={sendScripted}
        className={`border-line relative gap-1 border-t p-3 ${isHidden ? 'hidden' : 'grid'}`}
      >
        <input type="hidden" name="conversationId" value={conversationId} />
        <input type="hidden" name="owner" value={owner} />
        {room && <input type="hidden" name="room" value={room} />}
        {draft && <input type="hidden" name="draft" value={draft.id} />}
        <input type="hidden" name="nonce" value={state.values?.nonce ?? draft?.nonce ?? nonce} />
        {quoted && (
          <div className="flex items-center justify-between gap-2">
            <input type="hidden" name="replyTo" value={quoted.seq} />
            <span className="sr-only">You are replying to:</span>
            <Quote of={quoted} />
            <Link
              href={`${path}#composer`}
              prefetch={false}
              className="button button-quiet"
              onClick={(event) => {
                event.preventDefault()
                reply(undefined)
                field.current?.focus()
              }}
            >
              Don't reply
            </Link>
          </div>
        )}
        <div className="flex items-end gap-2">
          <label className="sr-only" htmlFor="composer">
            Message
          </label>
          <textarea
            ref={field}
            id="composer"
            name="body"
            rows={1}
            // biome-ignore lint/a11y/noAutofocus: people open a conversation to write in it
            autoFocus
            placeholder="Write a message"
            // Otherwise the back button would restore the sent text with a new nonce, and it could be sent twice.
            autoComplete="off"
            defaultValue={text}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? 'composer-error' : undefined}
            className="input field-sizing-content max-h-[calc(8lh+1rem)] resize-none"
            onInput={() => {
              keep()
              onTyping()
              offerMentions()
            }}
            onKeyDown={(event) => {
              if (isSendKey(event)) sendScripted(event)
              if (event.key === 'ArrowUp' && isEmpty) {
                event.preventDefault()
                editLast()
              }
            }}
          />
          <button type="submit" className="button button-primary">
            Send
          </button>
        </div>
        {List && <List field={field} people={people} />}
        {error && !isHidden && (
          <p id="composer-error" role="alert" className="text-danger text-sm">
            {error}
          </p>
        )}
      </form>
    </>
  )
}

/** Enter sends, Shift+Enter breaks the line. On touch keyboards and during composition, Enter keeps its own meaning. */
export const isSendKey = (event: KeyboardEvent) =>
  event.key === 'Enter' &&
  !event.shiftKey &&
  !event.nativeEvent.isComposing &&
  !matchMedia('(pointer: coarse)').matches

/** Escape moves the focus to the composer. */
function useFocusKey(field: { current: HTMLElement | null }) {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => event.key === 'Escape' && field.current?.focus()
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [field])
}
