'use client'

import type { ReactNode } from 'react'
import { useInvitations } from '@/app/browser/store-context'
import type { Invitation } from '@/lib/views'
import { AnswerButton } from './answer-button'
import { InvitationRow, nameOf, ReceivedRow } from './rows'

/** As many as the server loads. */
const mostPending = 100
const outcomes = { pending: 'Pending', accepted: 'Accepted', rejected: 'Rejected', withdrawn: 'Withdrawn' }

/** Pending invitations, kept up to date, and those that the other person has answered. */
export function InvitationLists({ answered }: { answered: Invitation[] }) {
  const { received, sent, answeredByOther } = useInvitations(answered)
  return (
    <>
      <List title="Received" empty="You have no invitations to answer.">
        {received.map((invitation) => (
          <ReceivedRow key={invitation.id} invitation={invitation} />
        ))}
      </List>
      <List title="Sent" empty="You are not waiting for any answers.">
        {sent.map((invitation) => (
          <InvitationRow key={invitation.id} invitation={invitation} person={invitation.invitee}>
            <AnswerButton
              id={invitation.id}
              name={nameOf(invitation, invitation.invitee)}
              answer="withdraw"
            />
          </InvitationRow>
        ))}
      </List>
      {answeredByOther.length > 0 && (
        <List title="Recently answered">
          {answeredByOther.map((invitation) => (
            <InvitationRow
              key={invitation.id}
              invitation={invitation}
              person={invitation.status === 'withdrawn' ? invitation.inviter : invitation.invitee}
            >
              <span className="text-muted">{outcomes[invitation.status]}</span>
            </InvitationRow>
          ))}
        </List>
      )}
    </>
  )
}

type ListProps = { title: string; empty?: string; children: ReactNode[] }

function List({ title, empty, children }: ListProps) {
  return (
    <section>
      <h2 className="text-muted text-sm font-semibold">{title}</h2>
      {children.length ? (
        <ul className="divide-line divide-y">{children}</ul>
      ) : (
        <p className="py-3">{empty}</p>
      )}
      {children.length >= mostPending && (
        <p className="text-muted py-3">
          These are the latest {mostPending}. Older ones follow as these are answered.
        </p>
      )}
    </section>
  )
}
