import Link from 'next/link'
import { AnswerButton } from '@/app/(chat)/invitations/answer-button'
import { useInvitations, useSelected } from '@/app/browser/store-context'
import type { FoundPerson, Invitation, Person } from '@/lib/views'
import { InviteForm } from './invite-form'

type RelationProps = {
  /** The server gives the conversation, because the page may not have loaded it. */
  person: Person & Partial<Pick<FoundPerson, 'conversationId'>>
}

/** The conversation or the invitation between the reader and a person, or a button to invite them. */
export function Relation({ person: { id, name, username, conversationId: found } }: RelationProps) {
  const { received, sent } = useInvitations()
  const loaded = useSelected(
    ({ conversations }) =>
      Object.values(conversations).find(
        ({ kind, people }) => kind === 'direct' && people.some((person) => person.id === id),
      )?.id,
  )
  const conversationId = loaded ?? found
  if (conversationId)
    return (
      <Link href={`/c/${conversationId}`} prefetch={false} className="button">
        Open<span className="sr-only"> the conversation with {name}</span>
      </Link>
    )
  const isDirect = ({ conversation }: Invitation) => conversation === null
  const toAnswer = received.filter(isDirect).find(({ inviter }) => inviter.id === id)
  if (toAnswer)
    return (
      <>
        <AnswerButton id={toAnswer.id} name={name} answer="accept" />
        <AnswerButton id={toAnswer.id} name={name} answer="reject" />
      </>
    )
  const invited = sent.filter(isDirect).find(({ invitee }) => invitee.id === id)
  if (!invited) return <InviteForm username={username} name={name} />
  return (
    <>
      <span className="text-muted text-sm">Invitation sent</span>
      <AnswerButton id={invited.id} name={name} answer="withdraw" />
    </>
  )
}
