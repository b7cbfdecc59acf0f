import { useStatusOf } from '@/app/browser/store-context'
import { ButtonForm } from '@/app/ui/button-form'
import { PersonLine } from '@/app/ui/person-line'
import type { FoundPerson } from '@/lib/views'
import { block, unblock } from './actions'
import { Relation } from './relation'

type PersonRowProps = { person: FoundPerson; isOneself: boolean; canInvite: boolean }

/** A person with their status, and what the reader can do about them. */
export function PersonRow({ person: found, isOneself, canInvite }: PersonRowProps) {
  const person = useStatusOf(found)
  const { id, name } = person
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <PersonLine person={person} isOneself={isOneself} note={person.isGuest && 'Guest · '} />
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
