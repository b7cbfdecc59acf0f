import { messageRange } from '@/lib/history'
import { messageEdit } from '@/lib/message-changes'
import { messageDraft } from '@/lib/messages'
import { readMark } from '@/lib/receipts'
import { message, messageUpdates } from '@/lib/views'
import { streamQuery } from '../stream'
import { answer, type Calls, json } from './call'
import { editConflict, fieldProblem, refusal } from './problems'
import { streamAnswer, streamForms } from './stream'

const problems = { 404: refusal('There is no such conversation, or you are not in it.') }
const ofMessage = { 404: refusal('There is no such message, or you are not in its conversation.') }

const reactionProblems = {
  403: refusal('The conversation is closed.'),
  404: refusal('There is no such message, or you are not in its conversation.'),
  410: refusal('The message was deleted.'),
  422: refusal('It is not exactly one emoji, or the message is a notice.', fieldProblem),
}

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
  '/api/conversations/{id}/messages/{seq}/reactions/{emoji}': {
    PUT: {
      id: 'addReaction',
      summary: 'React to a message',
      description: 'At most 3 emoji of yours and 20 kinds altogether on a message.',
      auth: 'token',
      answers: { 204: answer('You reacted with it, now or before.') },
      problems: { ...reactionProblems, 409: refusal('There are too many kinds of reactions.') },
      isLimited: true,
      example: {},
    },
    DELETE: {
      id: 'removeReaction',
      summary: 'Remove a reaction',
      auth: 'token',
      answers: { 204: answer('You have no such reaction.') },
      problems: reactionProblems,
      isLimited: true,
      example: {},
    },
  },
  '/api/conversations/{id}/messages/{seq}': {
    PATCH: {
      id: 'editMessage',
      summary: 'Edit a message',
      description: 'Your own, for 24 hours. The same text again changes nothing.',
      auth: 'token',
      body: json(messageEdit),
      answers: { 200: answer('The message as it is now.', message) },
      problems: {
        ...ofMessage,
        403: refusal('It is not your own or too old, or the conversation is closed.'),
        409: refusal('Its text changed since `version`.', editConflict),
        410: refusal('It was deleted.'),
      },
      isLimited: true,
      example: { body: { body: 'Good evening' } },
    },
    DELETE: {
      id: 'deleteMessage',
      summary: 'Delete a message',
      description:
        'Your own, any in a group of yours, or for moderators any in a room. Its text, earlier versions and reactions are removed; the empty message stays.',
      auth: 'token',
      answers: { 204: answer('Deleted, or it was before.') },
      problems: { ...ofMessage, 403: refusal('It is not your own.') },
      isLimited: true,
      example: {},
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
  '/api/conversations/{id}/stream': {
    GET: {
      id: 'streamConversation',
      summary: 'Stream a conversation',
      description: streamForms,
      auth: 'token',
      query: streamQuery,
      answers: { 200: streamAnswer },
      problems,
      isLimited: true,
      example: { query: 'timeout=5', options: ['-N'] },
    },
  },
}
