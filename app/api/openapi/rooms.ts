import { z } from 'zod'
import { messageBody } from '@/lib/fields'
import { messageDraft } from '@/lib/messages'
import { message, streamEvent, streamLine } from '@/lib/views'
import { streamQuery } from '../room/[name]/stream'
import { answer, type Calls, json } from './call'
import { refusal } from './problems'

export const rooms: Calls = {
  '/api/room/{name}': {
    GET: {
      id: 'streamRoom',
      summary: 'Join a room and stream its messages',
      description:
        'Creates the room if the name is free. Begins with the last 20 messages, or with those after `after`. Then shows each message as it is sent, and people as they join and leave. `Accept` chooses the form: lines to read, JSON lines or server-sent events. The header `Last-Event-ID` works like `after`.',
      auth: 'token',
      query: streamQuery,
      answers: {
        200: {
          description: 'A stream, until the timeout or until you leave.',
          content: {
            'text/plain': z.string().meta({
              description: 'A line for each message. Further lines of a message are indented.',
            }),
            'application/x-ndjson': { items: streamLine, description: 'A JSON object on each line.' },
            'text/event-stream': {
              items: streamEvent,
              description: 'Server-sent events. Comments keep the connection alive.',
            },
          },
        },
      },
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
