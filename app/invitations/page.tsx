import Link from 'next/link'
import type { ReactNode } from 'react'
import { Page, Shell } from '@/app/ui/shell'
import { orTooSlow, titleOrTooSlow } from '@/app/ui/slow-page'
import { listAnswered } from '@/lib/invitations'
import { requireUser } from '@/lib/web/current-user'
import { pageOverview, titleWithUnread } from '@/lib/web/overview'
import { AnswerButton } from './answer-button'
import { InvitationRow, ReceivedRow } from './rows'

const outcomes = { pending: 'Pending', accepted: 'Accepted', rejected: 'Rejected', withdrawn: 'Withdrawn' }

export const generateMetadata = titleOrTooSlow(() => titleWithUnread('Invitations'))

async function InvitationsPage() {
  const user = await requireUser('/invitations')
  const [overview, answered] = await Promise.all([pageOverview(), listAnswered(user)])
  const { received = [], sent = [] } = overview?.invitations ?? {}
  return (
    <Shell user={user} view="page">
      <Page title="Invitations">
        <List title="Received" empty="Nobody waits for your answer.">
          {received.map((invitation) => (
            <ReceivedRow key={invitation.id} invitation={invitation} />
          ))}
        </List>
        <List title="Sent" empty="You wait for nobody’s answer.">
          {sent.map(({ id, invitee, createdAt }) => (
            <InvitationRow key={id} person={invitee} at={createdAt}>
              <AnswerButton id={id} name={invitee.name} answer="withdraw" />
            </InvitationRow>
          ))}
        </List>
        {answered.length > 0 && (
          <List title="Answered lately">
            {answered.map(({ id, inviter, invitee, status, createdAt }) => (
              <InvitationRow key={id} person={status === 'withdrawn' ? inviter : invitee} at={createdAt}>
                <span className="text-muted">{outcomes[status]}</span>
              </InvitationRow>
            ))}
          </List>
        )}
        <p>
          <Link href="/people" prefetch={false} className="link">
            Find somebody to invite
          </Link>
        </p>
      </Page>
    </Shell>
  )
}

export default orTooSlow(InvitationsPage)

type ListProps = { title: string; empty?: string; children: ReactNode[] }

function List({ title, empty, children }: ListProps) {
  return (
    <section>
      <h2 className="text-muted text-sm font-semibold">{title}</h2>
      {children.length ? (
        <ul className="divide-line divide-y">{children}</ul>
      ) : (
        <p className="py-3">{empty}</p>
      )}
    </section>
  )
}
