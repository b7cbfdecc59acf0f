'use client'

import { useInvitations, useSelected } from '@/app/browser/store-context'
import { ReceivedRow } from './invitations/rows'

/** The invitations that wait for an answer, if there are any. */
export function HomeInvitations() {
  const { received } = useInvitations()
  if (!received.length) return null
  return (
    <section>
      <h2 className="font-semibold">
        {received.length === 1 ? 'You have an invitation' : `You have ${received.length} invitations`}
      </h2>
      <ul className="divide-line divide-y">
        {received.map((invitation) => (
          <ReceivedRow key={invitation.id} invitation={invitation} />
        ))}
      </ul>
    </section>
  )
}

export function HomeHint() {
  const hasConversations = useSelected(({ conversations }) => Object.keys(conversations).length > 0)
  return (
    <p className="text-muted max-w-[48ch]">
      {hasConversations
        ? 'Open a conversation, or search for somebody new and invite them.'
        : 'Search for somebody and invite them: once they accept, the two of you can talk.'}
    </p>
  )
}
