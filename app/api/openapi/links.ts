import { z } from 'zod'
import { linkDraft, linkPage } from '@/lib/links'
import { link } from '@/lib/views'
import { answer, type Calls, json } from './call'
import { refusal } from './problems'

const noMaker = 'You may not make links on this site'
const newLink = z.object({
  id: link.shape.id,
  url: z.string().meta({ format: 'uri', description: 'The address to pass on. It is not shown again.' }),
  expiresAt: link.shape.expiresAt,
})

export const links: Calls = {
  '/api/links': {
    POST: {
      id: 'makeLink',
      summary: 'Make a link that brings people in',
      auth: 'token',
      body: json(linkDraft),
      answers: { 201: answer('The link.', newLink) },
      problems: {
        403: refusal(`${noMaker}, or are not an owner of the group.`),
        404: refusal('There is no such group, or you are not in it.'),
      },
      isLimited: true,
      example: { body: { uses: 5, days: 3, into: 'me' } },
    },
    GET: {
      id: 'listLinks',
      summary: 'List the links that you made',
      description: 'The latest first, 50 at a time.',
      auth: 'token',
      query: linkPage,
      answers: {
        200: answer(
          'Your links.',
          z.object({
            links: z.array(link),
            nextCursor: z.string().nullable().meta({ description: 'The `cursor` of the next page.' }),
          }),
        ),
      },
      problems: { 403: refusal(`${noMaker}.`) },
      example: {},
    },
  },
  '/api/links/{id}': {
    DELETE: {
      id: 'endLink',
      summary: 'End a link',
      auth: 'token',
      answers: { 204: answer('Nobody can use the link any more.') },
      problems: {
        403: refusal(`${noMaker}.`),
        404: refusal('There is no such link, or somebody else made it.'),
      },
      example: { id: '$LINK' },
    },
  },
}
