import type { ReactNode } from 'react'
import { Avatar } from '@/app/ui/avatar'
import { PersonName } from '@/app/ui/person-name'
import { Time } from '@/app/ui/time'
import type { Invitation, Person } from '@/lib/views'
import { AnswerButton } from './answer-button'

/** An invitation that waits for the reader's answer. */
export function ReceivedRow({ invitation }: { invitation: Invitation }) {
  const { id, inviter } = invitation
  const name = nameOf(invitation, inviter)
  return (
    <InvitationRow invitation={invitation} person={inviter} isReceived>
      <AnswerButton id={id} name={name} answer="accept" />
      <AnswerButton id={id} name={name} answer="reject" />
    </InvitationRow>
  )
}

/** The other person's name, with that of the group, because there may be several invitations of one person. */
export const nameOf = ({ conversation }: Invitation, { name }: Person) =>
  conversation ? `${name}, ${conversation.name}` : name

type InvitationRowProps = {
  invitation: Invitation
  /** The other person. */
  person: Person
  isReceived?: boolean
  children: ReactNode
}

/** The other person of an invitation, with its buttons or its answer. */
export function InvitationRow({ invitation, person, isReceived, children }: InvitationRowProps) {
  const { conversation, createdAt } = invitation
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <Avatar id={person.id} name={person.name} />
      <div className="min-w-0 flex-1 basis-44">
        <p className="font-semibold">
          <PersonName of={person} />
        </p>
        {conversation && (
          <p>
            To the group <bdi className="font-semibold">{conversation.name}</bdi>
          </p>
        )}
        <p className="text-muted text-sm">
          {conversation && isReceived && 'New members see all that was said before. '}
          <Time at={createdAt} />
        </p>
      </div>
      <div className="flex flex-wrap items-center justify-end gap-2">{children}</div>
    </li>
  )
}
