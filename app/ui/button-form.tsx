'use client'

import { type ReactNode, useActionState } from 'react'
import { forgetComposerTexts } from '@/app/browser/composer-text'
import type { FormState } from '@/lib/web/form-action'

type ButtonFormProps = {
  action: (previous: FormState, form: FormData) => Promise<FormState>
  /** What the form says, beside the button's own name and value. */
  values: Record<string, string>
  className?: string
  /** Goes on from the button's text for who cannot see the row, as in “Invite ada”. */
  about?: string
  /** Whether it logs out. */
  isLeaving?: boolean
  children: ReactNode
}

/** A form that is one button, with what came of it beside it. */
export function ButtonForm({ action, values, className = '', about, isLeaving, children }: ButtonFormProps) {
  const [state, submit, isPending] = useActionState(action, {})
  return (
    <form
      action={submit}
      onSubmit={isLeaving ? forgetComposerTexts : undefined}
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
