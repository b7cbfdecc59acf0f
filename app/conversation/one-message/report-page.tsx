import Link from 'next/link'
import { Alert } from '@/app/ui/alert'
import { type Field, Form } from '@/app/ui/form'
import { orAlert } from '@/app/ui/or-alert'
import { Page } from '@/app/ui/page-body'
import { ReportedMessages } from '@/app/ui/reported-messages'
import { Section } from '@/app/ui/section'
import { previewReport } from '@/lib/reports'
import type { Message } from '@/lib/views'
import { messagePath } from '../permalink'
import { report } from './actions'
import type { Opened } from './open-message'

/** Shows what a report passes on to the moderators, and the form that does it. */
export async function ReportPage({ user, conversation, message, path }: Opened) {
  const { id, kind, name } = conversation
  const { seq } = message
  const { copy, alert } = await orAlert(previewReport(user, id, seq), { copy: [] })
  return (
    <Page title="Report message">
      {alert ? (
        <Alert>{alert}</Alert>
      ) : (
        <>
          <Section title="What the moderators will see">
            <ReportedMessages copy={copy} />
            <p>
              They also see that you reported it. Nobody else does. The copy stays with the report if the
              message is deleted.
            </p>
          </Section>
          <Form
            action={report}
            hidden={{ conversationId: id, seq: String(seq), ...(kind === 'room' && { room: name }) }}
            fields={fieldsFor(message)}
            button="Report"
          />
        </>
      )}
      <p>
        <Link href={messagePath(path, seq)} prefetch={false} className="link">
          Back to the message
        </Link>
      </p>
    </Page>
  )
}

const fieldsFor = ({ sender }: Message): Field[] => [
  {
    name: 'reason',
    label: 'Reason',
    options: [
      ['spam', 'Spam'],
      ['abuse', 'Abuse'],
      ['other', 'Something else'],
    ],
    value: 'spam',
  },
  {
    name: 'note',
    label: 'Note',
    type: 'textarea',
    hint: 'If there is more to know. At most 500 characters.',
  },
  { name: 'block', label: `Also block ${sender.name}`, type: 'checkbox' },
]
