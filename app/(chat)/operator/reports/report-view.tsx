import Link from 'next/link'
import { ButtonForm } from '@/app/ui/button-form'
import { PersonName } from '@/app/ui/person-name'
import { ReportedMessages } from '@/app/ui/reported-messages'
import { Time } from '@/app/ui/time'
import type { CurrentUser } from '@/lib/current-user'
import type { Report } from '@/lib/report-pages'
import { isModerator } from '@/lib/roles'
import { closeReport, deleteReported } from './actions'

const reasons = { spam: 'Spam', abuse: 'Abuse', other: 'Something else' }

/** A report with the copies, and what a moderator can do about it. */
export function ReportView({ report, user }: { report: Report; user: CurrentUser }) {
  const { id, reporter, reported, reason, note, copy, createdAt, isOpen, isThere } = report
  const about = ` of ${reported.name}`
  const maySuspend = user.siteRole === 'operator' || !isModerator(reported)
  return (
    <li className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div>
        <p className="font-semibold">
          {reasons[reason]}: <PersonName of={reported} />, {placeOf(report)}
        </p>
        <p className="text-muted text-sm">
          Reported by <PersonName of={reporter} /> · <Time at={createdAt} />
          <Closed report={report} />
        </p>
      </div>
      <ReportedMessages copy={copy} />
      {note && <p className="wrap-anywhere whitespace-pre-wrap">“{note}”</p>}
      {!isThere && <p className="text-muted">The message was deleted.</p>}
      {isThere && (
        <p className="text-muted text-sm">
          “Delete message” removes its text for everyone there. This cannot be undone; the copy here stays.
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        {isThere && (
          <ButtonForm action={deleteReported} values={{ id }} className="button-danger" about={about}>
            Delete message
          </ButtonForm>
        )}
        {maySuspend && (
          <Link href={`/operator/reports/${id}/suspend`} prefetch={false} className="button">
            Suspend<span className="sr-only"> {reported.name}</span>
          </Link>
        )}
        {isOpen && (
          <ButtonForm action={closeReport} values={{ id }} about={about}>
            Close report
          </ButtonForm>
        )}
      </div>
    </li>
  )
}

const Closed = ({ report: { closedAt, closer } }: { report: Report }) =>
  closedAt && (
    <>
      {' '}
      · closed by {closer?.name} <Time at={closedAt} />
    </>
  )

function placeOf({ kind, name }: Report) {
  if (kind === 'room') return `in the room ${name}`
  if (kind === 'group') return 'in a group'
  return kind === 'direct' ? 'in a direct conversation' : 'in a conversation that is gone'
}
