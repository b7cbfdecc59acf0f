import { messageRange } from '@/lib/history'
import { messageDraft } from '@/lib/messages'
import { readMark } from '@/lib/receipts'
import { message, messageUpdates } from '@/lib/views'
import { answer, type Calls, json } from './call'
import { refusal } from './problems'

const problems = { 404: refusal('There is no such conversation, or you are not in it.') }

export const conversations: Calls = {
  '/api/conversations/{id}/messages': {
    GET: {
      id: 'listMessages',
      summary: 'List messages',
      description:
        'The newest ones, or those next to `before` or `after`, or `around` one; always in their order. A client that follows a conversation asks with `after` and `since` after a break, and gets all it missed.',
      auth: 'token',
      query: messageRange,
      answers: { 200: answer('Messages.', messageUpdates) },
      problems,
      example: { query: 'limit=10' },
    },
    POST: {
      id: 'sendMessage',
      summary: 'Send a message',
      auth: 'token',
      body: json(messageDraft),
      answers: {
        201: answer('The message is stored.', message),
        200: answer('You sent this nonce here before: its message.', message),
      },
      problems: { ...problems, 403: refusal('The conversation is closed.') },
      isLimited: true,
      example: { body: { body: 'Good morning' } },
    },
  },
  '/api/conversations/{id}/read': {
    POST: {
      id: 'markRead',
      summary: 'Mark a conversation read',
      auth: 'token',
      body: json(readMark),
      answers: { 204: answer('Marked.') },
      problems,
      isLimited: true,
      example: { body: { seq: 1 } },
    },
  },
}
