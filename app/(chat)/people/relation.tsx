import Link from 'next/link'
import { AnswerButton } from '@/app/(chat)/invitations/answer-button'
import { useInvitations, useSelected } from '@/app/browser/store-context'
import type { Person } from '@/lib/views'
import { InviteForm } from './invite-form'

/** The conversation or the invitation between the reader and a person, or a button to invite them. */
export function Relation({ person: { id, name, username } }: { person: Person }) {
  const { received, sent } = useInvitations()
  const conversationId = useSelected(
    ({ conversations }) =>
      Object.values(conversations).find(
        ({ kind, people }) => kind === 'direct' && people.some((person) => person.id === id),
      )?.id,
  )
  if (conversationId)
    return (
      <Link href={`/c/${conversationId}`} prefetch={false} className="button">
        Open<span className="sr-only"> the conversation with {name}</span>
      </Link>
    )
  const toAnswer = received.find(({ inviter }) => inviter.id === id)
  if (toAnswer)
    return (
      <>
        <AnswerButton id={toAnswer.id} name={name} answer="accept" />
        <AnswerButton id={toAnswer.id} name={name} answer="reject" />
      </>
    )
  const invited = sent.find(({ invitee }) => invitee.id === id)
  if (!invited) return <InviteForm username={username} name={name} />
  return (
    <>
      <span className="text-muted text-sm">Invitation sent</span>
      <AnswerButton id={invited.id} name={name} answer="withdraw" />
    </>
  )
}
