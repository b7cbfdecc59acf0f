'use client'

import { useActionState } from 'react'
import { leaveGroup } from '@/app/(chat)/groups/actions'

/** A button that leaves the group. It asks first, with or without JavaScript. */
export function LeaveForm({ id, isLast }: { id: string; isLast: boolean }) {
  const [state, submit, isPending] = useActionState(leaveGroup, {})
  const isAsking = state.result === 'ask'
  const question = isLast
    ? 'You are the last one here: the group and all its messages will be deleted.'
    : 'You will no longer see this group. To come back, you need a new invitation.'
  return (
    <form action={submit} className="grid justify-items-start gap-3">
      <input type="hidden" name="id" value={id} />
      {isAsking && <input type="hidden" name="isSure" value="true" />}
      {isAsking && <p role="alert">{question}</p>}
      {state.alert && (
        <p role="alert" className="text-danger">
          {state.alert}
        </p>
      )}
      <button type="submit" className={`button ${isAsking ? 'text-danger' : ''}`} aria-disabled={isPending}>
        Leave group
      </button>
    </form>
  )
}
