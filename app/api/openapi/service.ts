import { z } from 'zod'
import { socketRequest } from '@/lib/realtime/authorize'
import { health } from '@/lib/views'
import { answer, type Calls, json } from './call'
import { refusal } from './problems'

const webhook = z
  .looseObject({
    time_ms: z.int(),
    events: z.array(z.looseObject({ name: z.string(), channel: z.string() })),
  })
  .meta({ description: 'As Soketi sends it.' })

const html = { 'text/html': z.string() }

export const realtime: Calls = {
  '/api/realtime/auth': {
    POST: {
      id: 'authorizeSocket',
      summary: 'Authorize a socket',
      description:
        'Signs a socket in or, with `channel_name`, into a channel. A browser’s login session is accepted here, unless the request comes from another site.',
      auth: 'tokenOrCookie',
      body: { 'application/x-www-form-urlencoded': socketRequest, ...json(socketRequest) },
      answers: {
        200: answer(
          'The signature, to be sent through the socket.',
          z.object({
            auth: z.string(),
            user_data: z.string().optional().meta({ description: 'Of a sign-in.' }),
            channel_data: z.string().optional().meta({ description: 'Of a presence channel.' }),
          }),
        ),
      },
      problems: { 403: refusal('You may not subscribe to the channel, or the socket is another session’s.') },
      isLimited: true,
      example: { body: 'socket_id=$SOCKET&channel_name=private-people' },
    },
  },
  '/api/realtime/webhook': {
    POST: {
      id: 'receiveWebhook',
      summary: 'Receive Soketi’s webhooks',
      auth: 'signature',
      body: json(webhook),
      answers: { 204: answer('Received.') },
      problems: { 401: refusal('The signature does not match.') },
    },
  },
}

export const operation: Calls = {
  '/api/health': {
    GET: {
      id: 'checkHealth',
      summary: 'Check the health of the site',
      answers: { 200: answer('Everything works.', health), 503: answer('Something does not.', health) },
      isInMemory: true,
      example: {},
    },
  },
  '/api/metrics': {
    GET: {
      id: 'readMetrics',
      summary: 'Read the metrics',
      description: 'In the text format of Prometheus, for all processes of a machine.',
      auth: 'metricsToken',
      answers: { 200: { description: 'The metrics.', content: { 'text/plain': z.string() } } },
      problems: { 404: refusal('The site has no PARLEY_METRICS_TOKEN, and so no metrics.') },
      isInMemory: true,
      example: {},
    },
  },
  '/api/openapi.json': {
    GET: {
      id: 'readDescription',
      summary: 'Read this description',
      answers: { 200: answer('An OpenAPI 3.1 document.', z.looseObject({ openapi: z.string() })) },
      isInMemory: true,
      example: {},
    },
  },
  '/api/docs': {
    GET: {
      id: 'readDocumentation',
      summary: 'Read this description as a page',
      answers: { 200: { description: 'A page.', content: html } },
      isInMemory: true,
      example: {},
    },
  },
}
