import { z } from 'zod'
import { conversation, invitation, message } from '@/lib/views'
import type { Answer } from './call'

/** Every error (RFC 9457). */
const problem = z
  .object({
    type: z.literal('about:blank'),
    title: z.string().meta({ description: 'The name of the status.' }),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'A sentence for people.' }),
    errors: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'By faulty field, a sentence for people.' }),
  })
  .meta({ id: 'Problem' })

export const fieldProblem = problem.required({ errors: true }).meta({ id: 'FieldProblem' })

const ofConversation = conversation.pick({ id: true })
export const inviteConflict = z
  .discriminatedUnion('reason', [
    problem.extend({ reason: z.literal('offline') }),
    problem.extend({ reason: z.literal('conversation'), conversation: ofConversation }),
    problem.extend({ reason: z.literal('pending'), invitation }),
  ])
  .meta({ id: 'InviteConflict', description: 'The conversation or invitation that is there already.' })
export const answerConflict = problem
  .extend({
    answer: invitation.shape.status.exclude(['pending']).optional(),
    conversation: ofConversation.optional(),
  })
  .meta({
    id: 'AnswerConflict',
    description: 'The answer that came first, and the conversation if there is one.',
  })
export const editConflict = problem
  .extend({ message })
  .meta({ id: 'EditConflict', description: 'The message as it is now.' })

export const groupInviteConflict = z
  .discriminatedUnion('reason', [
    problem.extend({ reason: z.literal(['member', 'declined']) }),
    problem.extend({ reason: z.literal('pending'), invitation }),
  ])
  .meta({ id: 'GroupInviteConflict', description: 'Why the person cannot be invited now.' })

export const refusal = (description: string, schema: z.ZodType = problem): Answer => ({
  description,
  content: { 'application/problem+json': schema },
})

/** The problems that many calls have, by what they depend on. */
export const commonProblems = {
  body: {
    400: refusal('The body is not UTF-8, or not JSON where JSON is expected.'),
    413: refusal('The body is larger than 1 MB.'),
  },
  fields: { 422: refusal('Fields are faulty.', fieldProblem) },
  token: { 401: refusal('There is no token, or its login session has ended.') },
  limit: { 429: refusal('Too many requests: wait as many seconds as `Retry-After` says.') },
  database: { 503: refusal('The database took too long: wait as many seconds as `Retry-After` says.') },
  any: { default: refusal('Any other problem, such as 500.') },
}
