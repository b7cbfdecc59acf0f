'use client'

import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { useEffect, useRef } from 'react'
import { inviteToGroup, renameGroup } from '@/app/(chat)/groups/actions'
import { useStatuses } from '@/app/(chat)/people/use-statuses'
import { useConversation, useSelected, useStore } from '@/app/browser/store-context'
import { Form } from '@/app/ui/form'
import { Page } from '@/app/ui/page-body'
import { Section } from '@/app/ui/section'
import type { ConversationView } from '@/lib/views'
import { LeaveForm } from './leave-form'
import { MemberRow } from './member-row'

/** The people of a group with their roles, and what the reader can change there. */
export function GroupPeople({ group: rendered }: { group: ConversationView }) {
  const { userId } = useStore()
  const { id, name, people } = useConversation(rendered)
  useStatuses(people, id)
  useRemoval(id)
  const isOwner = people.some((person) => person.id === userId && person.role === 'owner')
  return (
    <Page title={`People in ${name}`} tab={name}>
      <p>
        <Link href={`/c/${id}`} prefetch={false} className="link">
          Back to the conversation
        </Link>
      </p>
      <ul className="divide-line divide-y">
        {people.map((person) => (
          <MemberRow
            key={person.id}
            groupId={id}
            person={person}
            isOneself={person.id === userId}
            isOwner={isOwner}
          />
        ))}
      </ul>
      {isOwner && (
        <>
          <Section title="Invite someone">
            <Form
              action={inviteToGroup}
              hidden={{ id }}
              fields={[
                { name: 'username', label: 'Username', hint: 'New members see all that was said before.' },
              ]}
              button="Invite"
            />
          </Section>
          <Section title="Rename the group">
            <Form
              action={renameGroup}
              hidden={{ id }}
              fields={[{ name: 'title', label: 'Title', value: name }]}
              button="Rename"
            />
          </Section>
        </>
      )}
      <Section title="Leave">
        <LeaveForm id={id} isLast={people.length === 1} />
      </Section>
    </Page>
  )
}

/** Renders the page again when the reader is no longer in the group: then it is a 404. */
function useRemoval(id: string) {
  const { refresh } = useRouter()
  const isIn = useSelected(({ conversations }) => id in conversations)
  const wasIn = useRef(false)
  useEffect(() => {
    if (wasIn.current && !isIn) refresh()
    wasIn.current = isIn
  }, [isIn, refresh])
}
