'use client'

import { useActionState, useId } from 'react'
import type { FormState } from '@/lib/web/form-action'
import { Alert } from './alert'

export type Field = {
  name: string
  label: string
  /** A checkbox sends `true` if it is ticked, and nothing otherwise. */
  type?: 'text' | 'password' | 'textarea' | 'checkbox'
  autoComplete?: string
  inputMode?: 'numeric'
  hint?: string
  /** Makes it a select: values with their labels. */
  options?: readonly (readonly [value: string, label: string])[]
  value?: string
}

type FormProps = {
  action: (previous: FormState, form: FormData) => Promise<FormState>
  fields: Field[]
  button: string
  /** What the button does cannot be undone, or harms somebody. */
  isDanger?: boolean
  hidden?: Record<string, string>
}

/** A form of labelled fields, each with its error beside it. It keeps what was typed. */
export function Form({ action, fields, button, isDanger, hidden = {} }: FormProps) {
  const [state, submit, isPending] = useActionState(action, {})
  return (
    <form action={submit} className="grid gap-4" noValidate>
      {state.alert && <Alert>{state.alert}</Alert>}
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {fields.map((field) => (
        <FieldRow
          key={field.name}
          {...field}
          isSending={isPending}
          error={state.errors?.[field.name]}
          value={state.values?.[field.name] ?? field.value}
        />
      ))}
      {state.confirm && (
        <div className="grid justify-items-start gap-3">
          <p role="alert">{state.confirm.question}</p>
          <button
            type="submit"
            name="sureOf"
            value={state.confirm.sureOf}
            className="button button-danger"
            aria-disabled={isPending}
          >
            {state.confirm.button}
          </button>
        </div>
      )}
      <div className="flex items-center gap-4">
        <button
          type="submit"
          className={`button ${isDanger ? 'button-danger' : 'button-primary'}`}
          aria-disabled={isPending}
        >
          {button}
        </button>
        <span role="status" className="text-muted">
          {state.notice}
        </span>
      </div>
    </form>
  )
}

/** A labelled field with its error and hint. */
export function FieldRow({
  name,
  label,
  type = 'text',
  options,
  hint,
  isSending,
  error,
  value = '',
  ...input
}: Field & { isSending: boolean; error?: string }) {
  const id = useId()
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined
  const shared = {
    id,
    name,
    className: 'input',
    'aria-invalid': error ? true : undefined,
    'aria-describedby': described,
  }
  if (type === 'checkbox')
    return (
      <label className="flex items-center gap-2">
        <input type="checkbox" name={name} value="true" defaultChecked={value !== ''} className="size-4" />
        {label}
      </label>
    )
  return (
    <div className="grid gap-1">
      <label htmlFor={id} className="font-semibold">
        {label}
      </label>
      {type === 'textarea' ? (
        <textarea {...shared} rows={3} readOnly={isSending} defaultValue={value} />
      ) : options ? (
        // A select forgets its default when the form is reset. A new one for each value keeps the choice.
        <select key={value} {...shared} defaultValue={value}>
          {options.map(([option, text]) => (
            <option key={option} value={option}>
              {text}
            </option>
          ))}
        </select>
      ) : (
        <input
          {...shared}
          {...input}
          type={type}
          // The response fills the fields again, so text typed meanwhile would be lost.
          readOnly={isSending}
          defaultValue={value}
          autoCapitalize="none"
          spellCheck={false}
        />
      )}
      {error && (
        <p id={`${id}-error`} className="text-danger text-sm">
          {error}
        </p>
      )}
      {hint && (
        <p id={`${id}-hint`} className="text-muted text-sm">
          {hint}
        </p>
      )}
    </div>
  )
}
