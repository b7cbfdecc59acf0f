import { messageBody } from '@/lib/fields'
import { messageDraft } from '@/lib/messages'
import { message } from '@/lib/views'
import { streamQuery } from '../stream'
import { answer, type Calls, json } from './call'
import { refusal } from './problems'
import { streamAnswer, streamForms } from './stream'

const notJoined =
  'There is no such room and you may not create rooms on this site, or a moderator put you out of the room'

export const rooms: Calls = {
  '/api/room/{name}': {
    GET: {
      id: 'streamRoom',
      summary: 'Join a room and stream its messages',
      description: `Creates the room if the name is free. ${streamForms} A room’s stream also shows who joins and leaves.`,
      auth: 'token',
      query: streamQuery,
      answers: {
        200: streamAnswer,
      },
      problems: { 403: refusal(`${notJoined}.`) },
      isLimited: true,
      example: { query: 'timeout=5', options: ['-N'] },
    },
    POST: {
      id: 'sendToRoom',
      summary: 'Send a message to a room',
      description: 'Joins first if necessary. A body that is not declared as JSON is the message itself.',
      auth: 'token',
      body: { ...json(messageDraft), 'text/plain': messageBody },
      answers: {
        201: answer('The message is stored.', message),
        200: answer('You sent this nonce here before: its message.', message),
      },
      problems: { 403: refusal(`${notJoined}, or closed it to new messages.`) },
      isLimited: true,
      example: { body: 'Good morning' },
    },
    DELETE: {
      id: 'leaveRoom',
      summary: 'Leave a room',
      description: 'Ends your streams there.',
      auth: 'token',
      answers: { 204: answer('You are not in the room.') },
      problems: { 404: refusal('There is no such room.') },
      example: {},
    },
  },
}
