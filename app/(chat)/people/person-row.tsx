import Link from 'next/link'
import { AnswerButton } from '@/app/(chat)/invitations/answer-button'
import { useInvitations, useSelected, useStatusOf } from '@/app/browser/store-context'
import { Avatar } from '@/app/ui/avatar'
import { ButtonForm } from '@/app/ui/button-form'
import { PersonName } from '@/app/ui/person-name'
import { Status } from '@/app/ui/status'
import type { FoundPerson } from '@/lib/people'
import { block, unblock } from './actions'
import { InviteForm } from './invite-form'

type PersonRowProps = { person: FoundPerson; isOneself: boolean }

/** A person with their status, and what can be done about them. */
export function PersonRow({ person: found, isOneself }: PersonRowProps) {
  const person = useStatusOf(found)
  const { id, name, status } = person
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <Avatar id={id} name={name} status={status} />
      <div className="min-w-0 flex-1 basis-44">
        <p className="font-semibold">
          <PersonName of={person} />
          {isOneself && <span className="text-muted font-normal whitespace-nowrap"> · you</span>}
        </p>
        <p className="text-muted text-sm">
          {person.isGuest && 'Guest · '}
          <Status of={person} />
        </p>
      </div>
      {!isOneself && (
        <div className="flex flex-wrap items-center justify-end gap-2">
          {!person.isBlocked && !person.isGuest && <Relation person={person} />}
          <ButtonForm
            action={person.isBlocked ? unblock : block}
            values={{ id }}
            className="button-quiet"
            about={` ${name}`}
          >
            {person.isBlocked ? 'Unblock' : 'Block'}
          </ButtonForm>
        </div>
      )}
    </li>
  )
}

/** What there is between the two, or a way to begin. */
function Relation({ person: { id, name, username } }: { person: FoundPerson }) {
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
