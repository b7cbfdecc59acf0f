import type { ReportedMessage } from '@/lib/reports'
import { PersonName } from './person-name'
import { Time } from './time'

/** The messages that a report passes on. The last one is the reported one. */
export const ReportedMessages = ({ copy }: { copy: ReportedMessage[] }) => (
  <ol className="border-line divide-line divide-y overflow-hidden rounded-lg border">
    {copy.map(({ seq, sender, body, createdAt }, index) => {
      const isReported = index === copy.length - 1
      return (
        <li key={seq} className={`px-3 py-2 ${isReported ? 'bg-raised' : 'text-muted'}`}>
          <p className="text-sm">
            <PersonName of={sender} /> · <Time at={createdAt} />
            {isReported && copy.length > 1 && ' · reported'}
          </p>
          <p className="wrap-anywhere whitespace-pre-wrap">{body}</p>
        </li>
      )
    })}
  </ol>
)
