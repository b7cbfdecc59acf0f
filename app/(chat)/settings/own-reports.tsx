import { Section } from '@/app/ui/section'
import { Time } from '@/app/ui/time'
import type { listOwnReports } from '@/lib/reports'

type OwnReportsProps = { reports: Awaited<ReturnType<typeof listOwnReports>> }

/** The messages that the reader reported, and whether a moderator has looked at them. */
export const OwnReports = ({ reports }: OwnReportsProps) =>
  reports.length > 0 && (
    <Section title="Your reports">
      <ul className="divide-line border-line divide-y border-y">
        {reports.map(({ id, sender, createdAt, isLookedAt }) => (
          <li key={id} className="py-3">
            <p className="font-semibold">A message of {sender}</p>
            <p className="text-muted text-sm">
              Reported <Time at={createdAt} /> · {isLookedAt ? 'looked at' : 'not looked at yet'}
            </p>
          </li>
        ))}
      </ul>
    </Section>
  )
