'use client'

import { useActionState } from 'react'
import { invitePerson } from './actions'

type InviteFormProps = { username: string; name: string }

/** A button that invites a person. If they are offline, it then offers to leave the invitation. */
export function InviteForm({ username, name }: InviteFormProps) {
  const [state, submit, isPending] = useActionState(invitePerson, {})
  const isOffline = state.result === 'offline'
  return (
    <form action={submit} className="flex flex-wrap items-center justify-end gap-2">
      <input type="hidden" name="username" value={username} />
      {isOffline && <input type="hidden" name="leave" value="true" />}
      {state.alert && (
        <span role="alert" className={isOffline ? 'text-muted text-sm' : 'text-danger text-sm'}>
          {state.alert}
        </span>
      )}
      <button type="submit" className="button" aria-disabled={isPending}>
        {isOffline ? 'Leave the invitation' : 'Invite'}
        <span className="sr-only"> {name}</span>
      </button>
    </form>
  )
}
