import { useStatusOf } from '@/app/browser/store-context'
import { Avatar } from '@/app/ui/avatar'
import { ButtonForm } from '@/app/ui/button-form'
import { PersonName } from '@/app/ui/person-name'
import { Status } from '@/app/ui/status'
import type { FoundPerson } from '@/lib/views'
import { block, unblock } from './actions'
import { Relation } from './relation'

type PersonRowProps = { person: FoundPerson; isOneself: boolean; canInvite: boolean }

/** A person with their status, and what the reader can do about them. */
export function PersonRow({ person: found, isOneself, canInvite }: PersonRowProps) {
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
          {canInvite && <Relation person={person} />}
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
