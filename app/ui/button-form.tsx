'use client'

import { type ReactNode, useActionState } from 'react'
import { forgetComposerTexts } from '@/app/browser/composer-text'
import type { FormState } from '@/lib/web/form-action'

type ButtonFormProps = {
  action: (previous: FormState, form: FormData) => Promise<FormState>
  /** Hidden fields. */
  values: Record<string, string>
  className?: string
  /** Continues the button's text for screen readers, as in “Invite ada”. */
  about?: string
  /** Whether it logs out, so that drafts must be forgotten. */
  logsOut?: boolean
  children: ReactNode
}

/** A form that is one button, with its error beside it. */
export function ButtonForm({ action, values, className = '', about, logsOut, children }: ButtonFormProps) {
  const [state, submit, isPending] = useActionState(action, {})
  return (
    <form
      action={submit}
      onSubmit={logsOut ? forgetComposerTexts : undefined}
      className="flex flex-wrap items-center justify-end gap-2"
    >
      {Object.entries(values).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {state.alert && (
        <span role="alert" className="text-danger text-sm">
          {state.alert}
        </span>
      )}
      <button type="submit" className={`button ${className}`} aria-disabled={isPending}>
        {children}
        {about && <span className="sr-only">{about}</span>}
      </button>
    </form>
  )
}
