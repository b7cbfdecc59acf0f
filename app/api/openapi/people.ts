import { z } from 'zod'
import { invitationAnswer, invitationRequest } from '@/lib/invitations'
import { peopleSearch } from '@/lib/people'
import { conversation, foundPerson, invitation } from '@/lib/views'
import { answer, type Calls, json } from './call'
import { answerConflict, inviteConflict, refusal } from './problems'

const foundPage = z.object({
  users: z.array(foundPerson),
  nextCursor: z.string().nullable().meta({ description: 'The `cursor` of the next page, if there is one.' }),
})

export const people: Calls = {
  '/api/users': {
    GET: {
      id: 'searchPeople',
      summary: 'Search people',
      description: 'Part of a username or name, best match first; or everyone. A page has 20 people.',
      auth: 'token',
      query: peopleSearch,
      answers: { 200: answer('A page of people.', foundPage) },
      isLimited: true,
      example: { query: 'q=ada' },
    },
  },
  '/api/invitations': {
    POST: {
      id: 'invite',
      summary: 'Invite a person to a conversation',
      auth: 'token',
      body: json(invitationRequest),
      answers: { 201: answer('The invitation is sent, or left for a person who is offline.', invitation) },
      problems: {
        403: refusal('You are a guest, or this person cannot be invited.'),
        404: refusal('No one has that username.'),
        409: refusal(
          'The person is offline, or there is a conversation or pending invitation between you.',
          inviteConflict,
        ),
      },
      isLimited: true,
      example: { body: { username: 'bob', leave: true } },
    },
  },
  '/api/invitations/{id}': {
    POST: {
      id: 'answerInvitation',
      summary: 'Answer an invitation, or withdraw it',
      description: 'The invited person accepts or rejects; the inviting one withdraws.',
      auth: 'token',
      body: json(invitationAnswer),
      answers: {
        200: answer(
          'Answered. After “accept”, the conversation.',
          z.object({ conversation: conversation.pick({ id: true }).optional() }),
        ),
      },
      problems: {
        404: refusal('There is no such invitation, or this answer is not yours to give.'),
        409: refusal('It was answered before, or the group is full.', answerConflict),
      },
      example: { id: '$INVITATION', body: { answer: 'withdraw' } },
    },
  },
}
