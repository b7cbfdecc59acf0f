'use client'

import Link from 'next/link'
import { useActionState } from 'react'
import { Alert } from '@/app/ui/alert'
import type { Draft, Message } from '@/lib/views'
import { permalink } from '../permalink'
import { saveEdit } from './actions'

type EditFormProps = {
  message: Message
  path: string
  /** A room's name: saving joins it. */
  room?: string
  /** Proves to the action for whom the form was rendered. */
  owner: string
  /** A text that was sent after the login session had ended. */
  draft?: Draft
  isEditable: boolean
}

/** The form that replaces a message's text. A refused text stays on the page, even if nothing can be saved anymore. */
export function EditForm({ message, path, room, owner, draft, isEditable }: EditFormProps) {
  const [state, submit, isPending] = useActionState(saveEdit, {})
  const { seq, conversationId, version, body, deletedAt } = message
  const typed = state.values?.body ?? draft?.body
  const reason = deletedAt
    ? 'This message was deleted.'
    : 'You can edit only your own messages, for 24 hours.'
  const alert = state.alert ?? (isEditable ? undefined : reason)
  const error = state.errors?.body
  const values = {
    conversationId,
    seq,
    version,
    owner,
    ...(room && { room }),
    ...(draft && { draft: draft.id }),
  }
  return (
    <form action={submit} className="grid gap-4">
      {alert && <Alert>{alert}</Alert>}
      {state.alert && isEditable && typed !== body && (
        <div className="grid gap-1">
          <p className="font-semibold">The text is now:</p>
          <p className="bg-raised border-line rounded-lg border px-3 py-2 whitespace-pre-wrap">{body}</p>
        </div>
      )}
      {Object.entries(values).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {(isEditable || typed !== undefined) && (
        <div className="grid gap-1">
          <label htmlFor="edited" className="font-semibold">
            {isEditable ? 'Message' : 'What you wrote'}
          </label>
          <textarea
            id="edited"
            name="body"
            rows={4}
            // The response fills the field again, so text typed meanwhile would be lost.
            readOnly={!isEditable || isPending}
            defaultValue={typed ?? body}
            aria-invalid={error ? true : undefined}
            aria-describedby={error ? 'edited-error' : undefined}
            className="input field-sizing-content max-h-[50dvh]"
          />
          {error && (
            <p id="edited-error" className="text-danger text-sm">
              {error}
            </p>
          )}
        </div>
      )}
      <div className="flex items-center gap-4">
        {isEditable && (
          <button type="submit" className="button button-primary" aria-disabled={isPending}>
            Save
          </button>
        )}
        <Link href={permalink(path, seq)} prefetch={false} className="link">
          {isEditable ? 'Cancel' : 'Back to the conversation'}
        </Link>
      </div>
    </form>
  )
}
