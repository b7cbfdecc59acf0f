'use client'

import { useActionState } from 'react'
import { Alert } from '@/app/ui/alert'
import { Avatar } from '@/app/ui/avatar'
import { FieldRow } from '@/app/ui/form'
import { PersonName } from '@/app/ui/person-name'
import type { Person } from '@/lib/views'
import { createGroup } from '../actions'

/** The form for a group: its title, and whom to invite, with a checkbox for each person in `partners`. */
export function NewGroupForm({ partners }: { partners: Person[] }) {
  const [state, submit, isPending] = useActionState(createGroup, {})
  const { errors = {}, values = {} } = state
  const chosen = values.people?.split(',') ?? []
  // The error of the whole list, or of one of the names in it.
  const [, peopleError] = Object.entries(errors).find(([name]) => name.startsWith('usernames')) ?? []
  return (
    <form action={submit} className="grid gap-6" noValidate>
      {state.alert && <Alert>{state.alert}</Alert>}
      <FieldRow name="title" label="Title" isSending={isPending} error={errors.title} value={values.title} />
      {partners.length > 0 && (
        <fieldset className="grid gap-1">
          <legend className="pb-1 font-semibold">People</legend>
          <ul className="border-line divide-line max-h-[50dvh] divide-y overflow-y-auto rounded-lg border">
            {partners.map((person) => (
              <PartnerRow key={person.id} person={person} isChosen={chosen.includes(person.username)} />
            ))}
          </ul>
        </fieldset>
      )}
      <FieldRow
        name="username"
        label={partners.length ? 'Other usernames' : 'Usernames'}
        hint="One or several, separated by commas"
        isSending={isPending}
        error={peopleError}
        value={values.username}
      />
      <div>
        <button type="submit" className="button button-primary" aria-disabled={isPending}>
          Create group
        </button>
      </div>
    </form>
  )
}

const PartnerRow = ({ person, isChosen }: { person: Person; isChosen: boolean }) => (
  <li>
    <label className="hover:bg-wash flex min-h-11 items-center gap-3 px-3 py-1.5">
      <input
        // A checkbox forgets its default when the form is reset. A new one for each default keeps the choice.
        key={String(isChosen)}
        type="checkbox"
        name="people"
        value={person.username}
        defaultChecked={isChosen}
        className="accent-accent size-5"
      />
      <Avatar id={person.id} name={person.name} size="small" />
      <span className="min-w-0">
        <PersonName of={person} />
      </span>
    </label>
  </li>
)
