import { madeReport, reportRequest } from '@/lib/reports'
import { answer, type Calls, json } from './call'
import { refusal } from './problems'

export const reports: Calls = {
  '/api/conversations/{id}/messages/{seq}/report': {
    POST: {
      id: 'reportMessage',
      summary: 'Report a message to the moderators',
      description:
        'They get a copy of the message and, in a direct conversation or group, of up to five before it. The copy stays if the message is deleted. Only moderators and operators see that you reported it.',
      auth: 'token',
      body: json(reportRequest),
      answers: {
        201: answer('The report.', madeReport),
        200: answer('You have reported this message before: that report, which stays as it was.', madeReport),
      },
      problems: {
        403: refusal('It is your own message or a notice, or the site has no moderators.'),
        404: refusal('There is no such message, or you are not in the conversation.'),
        410: refusal('The message was deleted.'),
      },
      isLimited: true,
      example: { body: { reason: 'spam', note: 'The same in three rooms.' } },
    },
  },
}
