'use client'

import { useActionState } from 'react'
import { Alert } from '@/app/ui/alert'
import { FieldRow } from '@/app/ui/form'
import { makeLink } from './actions'

/** The form for a link. The answer shows the link, with a QR code. */
export function LinkForm({ groups }: { groups: readonly (readonly [id: string, title: string])[] }) {
  const [{ alert, errors, values, result }, submit, isPending] = useActionState(makeLink, {})
  const field = (name: string, standard: string) => ({
    name,
    isSending: isPending,
    error: errors?.[name],
    value: values?.[name] ?? standard,
  })
  return (
    <form action={submit} className="grid gap-4" noValidate>
      {alert && <Alert>{alert}</Alert>}
      <FieldRow {...field('uses', '10')} label="Uses" inputMode="numeric" hint="How many people: 1 to 100" />
      <FieldRow {...field('days', '7')} label="Days" inputMode="numeric" hint="For how long: 1 to 30" />
      <FieldRow
        {...field('into', '')}
        label="Into"
        options={[['', 'Nothing: only an account'], ['me', 'A conversation with me'], ...groups]}
      />
      <div>
        <button type="submit" className="button button-primary" aria-disabled={isPending}>
          Make link
        </button>
      </div>
      <div role="status">
        {result && (
          <div className="grid gap-3">
            <p>Copy the link now: it is not shown again. Everyone who has it can use it.</p>
            <p>
              <a href={result.url} className="link break-all">
                {result.url}
              </a>
            </p>
            <svg
              role="img"
              aria-label="QR code of the link"
              viewBox={`0 0 ${result.code.size} ${result.code.size}`}
              className="size-56"
              shapeRendering="crispEdges"
            >
              {/* Dark on light in both schemes, because some readers do not know the inverse. */}
              <rect width="100%" height="100%" fill="white" />
              <path d={result.code.path} fill="black" />
            </svg>
          </div>
        )}
      </div>
    </form>
  )
}
