import { changeRole, removeMember } from '@/app/(chat)/groups/actions'
import { useStatusOf } from '@/app/browser/store-context'
import { ButtonForm } from '@/app/ui/button-form'
import { PersonLine } from '@/app/ui/person-line'
import type { Member } from '@/lib/views'

type MemberRowProps = {
  groupId: string
  person: Member
  isOneself: boolean
  /** Whether the reader owns the group. */
  isOwner: boolean
}

/** A person of a group with their role and status, and what the reader can do about them. */
export function MemberRow({ groupId, person: rendered, isOneself, isOwner }: MemberRowProps) {
  const person = useStatusOf(rendered)
  const { id, name, role } = person
  const values = { id: groupId, person: id }
  return (
    <li className="flex flex-wrap items-center gap-3 py-3">
      <PersonLine
        person={person}
        isOneself={isOneself}
        note={`${role === 'owner' ? 'Owner' : 'Member'} · `}
      />
      {isOwner && (
        <div className="flex flex-wrap items-center justify-end gap-2">
          {isOneself && (
            <ButtonForm action={changeRole} values={{ ...values, role: 'member' }} className="button-quiet">
              Step down
            </ButtonForm>
          )}
          {role === 'member' && (
            <>
              <ButtonForm
                action={changeRole}
                values={{ ...values, role: 'owner' }}
                className="button-quiet"
                about={` ${name}`}
              >
                Make owner
              </ButtonForm>
              <ButtonForm action={removeMember} values={values} className="button-quiet" about={` ${name}`}>
                Remove
              </ButtonForm>
            </>
          )}
        </div>
      )}
    </li>
  )
}
