import { z } from 'zod'
import { credentials, registration } from '@/lib/accounts'
import { conversationPage } from '@/lib/conversations'
import { accountDeletion } from '@/lib/deletion'
import { sessionRequest } from '@/lib/guests'
import { conversation, invitations, user } from '@/lib/views'
import { answer, type Calls, json } from './call'
import { refusal } from './problems'

const session = z
  .object({
    user,
    token: z.string().meta({ description: 'For the header `Authorization: Bearer <token>`.' }),
  })
  .meta({ id: 'Session' })

const me = z
  .object({
    user,
    conversations: z.array(conversation),
    nextCursor: z
      .string()
      .nullable()
      .meta({ description: 'The `cursor` of the next page of conversations, if there is one.' }),
    invitations,
    realtime: z.object({
      key: z.string().meta({ description: 'The key of Soketi’s app.' }),
      url: z.string().meta({ format: 'uri', description: 'Soketi’s address.' }),
    }),
  })
  .meta({ id: 'Me' })

export const accounts: Calls = {
  '/api/register': {
    POST: {
      id: 'register',
      summary: 'Create an account',
      body: json(registration),
      answers: { 200: answer('The account is created and logged in.', session) },
      problems: {
        403: refusal('The site takes no new accounts.'),
        409: refusal('The username is taken.'),
      },
      isLimited: true,
      example: { body: { username: 'ada', password: 'correct horse', firstName: 'Ada' } },
    },
  },
  '/api/login': {
    POST: {
      id: 'logIn',
      summary: 'Log in to an account',
      body: json(credentials),
      answers: { 200: answer('Logged in.', session) },
      problems: {
        400: refusal('There is no account of that name, or the body is not UTF-8 or not JSON.'),
        401: refusal('The password does not match.'),
        403: refusal('The account is suspended. The sentence says until when, and why.'),
      },
      isLimited: true,
      example: { body: { username: 'ada', password: 'correct horse' } },
    },
  },
  '/api/session': {
    POST: {
      id: 'startSession',
      summary: 'Log in, or become a guest',
      description:
        'Without fields, an anonymous guest with a generated name. With a free `username`, a temporary person of that name. With a `password` too, the account of that name: it is created if the name is free.',
      body: json(sessionRequest),
      answers: { 200: answer('Logged in.', session) },
      problems: {
        401: refusal('The name is in use, or the password does not match.'),
        403: refusal('The site takes no new accounts, or no guests, or the account is suspended.'),
      },
      isLimited: true,
      example: { body: {} },
    },
  },
  '/api/logout': {
    POST: {
      id: 'logOut',
      summary: 'Log out',
      description: 'Ends the token’s login session, its sockets and its streams.',
      auth: 'token',
      answers: { 204: answer('The token is no longer valid.') },
      example: {},
    },
  },
  '/api/me': {
    GET: {
      id: 'loadMe',
      summary: 'Load everything after logging in',
      description:
        'The latest 200 conversations, or the page that a `cursor` leads to; and the latest 100 invitations that you received and sent. Your messages count as delivered. `realtime` says where the Pusher protocol is spoken.',
      auth: 'token',
      query: conversationPage,
      answers: { 200: answer('You, your conversations and your pending invitations.', me) },
      isLimited: true,
      example: {},
    },
    DELETE: {
      id: 'deleteAccount',
      summary: 'Delete your account',
      description:
        'At once: your profile, login sessions, blocks, invitations and memberships. Your direct conversations stay with the other person, closed. The username is barred for 90 days.',
      auth: 'token',
      body: json(accountDeletion),
      answers: { 204: answer('The account is deleted. With `erase`, the messages follow within an hour.') },
      problems: { 409: refusal('You are the last operator of the site.') },
      isLimited: true,
    },
  },
  '/api/export': {
    GET: {
      id: 'exportData',
      summary: 'Export your data',
      description:
        'A ZIP, sent while it is written: `profile.json`, and for each conversation that you can see `conversations/<id>.jsonl`, a message a line, and a page to read, `conversations/<id>.html`. Twice in 24 hours.',
      auth: 'token',
      answers: {
        200: {
          description: 'The ZIP.',
          content: { 'application/zip': z.string().meta({ contentEncoding: 'binary' }) },
        },
      },
      isLimited: true,
    },
  },
}
