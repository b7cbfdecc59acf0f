import type { ReactNode } from 'react'
import { Avatar } from '@/app/ui/avatar'
import { PersonName } from '@/app/ui/person-name'
import { Time } from '@/app/ui/time'
import type { Invitation, Person } from '@/lib/views'
import { AnswerButton } from './answer-button'

/** An invitation that waits for the reader's answer. */
export function ReceivedRow({ invitation: { id, inviter, createdAt } }: { invitation: Invitation }) {
  return (
    <InvitationRow person={inviter} at={createdAt}>
      <AnswerButton id={id} name={inviter.name} answer="accept" />
      <AnswerButton id={id} name={inviter.name} answer="reject" />
    </InvitationRow>
  )
}

/** The other person of an invitation, with its buttons or its answer. */
export function InvitationRow({ person, at, children }: { person: Person; at: string; children: ReactNode }) {
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <Avatar id={person.id} name={person.name} />
      <div className="min-w-0 flex-1 basis-44">
        <p className="font-semibold">
          <PersonName of={person} />
        </p>
        <p className="text-muted text-sm">
          <Time at={at} />
        </p>
      </div>
      <div className="flex flex-wrap items-center justify-end gap-2">{children}</div>
    </li>
  )
}
