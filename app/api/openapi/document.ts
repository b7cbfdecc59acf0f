import 'server-only'
import { z } from 'zod'
import { roomName } from '@/lib/fields'
import type { Answer, Auth, CallDescription, Content } from './call'
import { calls } from './calls'
import { curl } from './curl'
import { commonProblems } from './problems'

export type Schema = z.core.JSONSchema.BaseSchema
type Io = 'input' | 'output'
type Parameter = {
  name: string
  in: 'path' | 'query'
  required: boolean
  description?: string
  schema: Schema
}
export type MediaTypes = Record<string, { schema: Schema; 'x-itemSchema'?: Schema }>
export type Response = { description: string; headers?: object; content?: MediaTypes }
export type Operation = {
  operationId: string
  tags: string[]
  summary: string
  description?: string
  security: object[]
  parameters: Parameter[]
  requestBody?: { required: true; content: MediaTypes }
  responses: Record<string, Response>
  /** As Redoc and others show it. */
  'x-codeSamples'?: { lang: string; label: string; source: string }[]
}

export type ApiDocument = ReturnType<typeof describeApi>

let cached: ApiDocument | undefined

/** The API's description, an OpenAPI 3.1 document. */
export const apiDocument = () => (cached ??= describeApi())

function describeApi() {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const [tag, callsOfTag] of Object.entries(calls))
    for (const [path, methods] of Object.entries(callsOfTag))
      paths[path] = Object.fromEntries(
        Object.entries(methods).map(([method, call]) => [
          method.toLowerCase(),
          describeCall(tag, method, path, call),
        ]),
      )
  return {
    openapi: '3.1.0',
    info: { title: 'Parley', version: '1', description: introduction },
    servers: [{ url: '/' }],
    tags: Object.keys(calls).map((name) => ({ name })),
    paths,
    components: { schemas, securitySchemes },
  }
}

const introduction = `The API of a Parley site, for terminals, bots and other clients. JSON in and out.

Every error is a problem document (RFC 9457, \`application/problem+json\`). A path answers 405 to a method that it doesn’t have, with the others in \`Allow\`. Too many requests get 429, with the seconds to wait in \`Retry-After\`. Times are ISO 8601 in UTC.`

const securitySchemes = {
  token: { type: 'http', scheme: 'bearer', description: 'The `token` of a login session.' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'parley.session',
    description: 'A browser’s login session. On https the name is `__Host-parley.session`.',
  },
  metricsToken: { type: 'http', scheme: 'bearer', description: 'The site’s PARLEY_METRICS_TOKEN.' },
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Pusher-Signature',
    description: 'Soketi’s signature of the body; its app’s key is in `X-Pusher-Key`.',
  },
}

const security: Record<Auth, object[]> = {
  token: [{ token: [] }],
  tokenOrCookie: [{ token: [] }, { cookie: [] }],
  metricsToken: [{ metricsToken: [] }],
  signature: [{ signature: [] }],
}

function describeCall(tag: string, method: string, path: string, call: CallDescription): Operation {
  const { id, summary, description, auth, body, example } = call
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description && { description }),
    security: auth ? security[auth] : [],
    parameters: describeParameters(path, call),
    ...(body && { requestBody: { required: true, content: describeContent('input', body) } }),
    responses: describeAnswers(call),
    ...(example && {
      'x-codeSamples': [{ lang: 'Shell', label: 'curl', source: curl(method, path, call) }],
    }),
  }
}

function describeParameters(path: string, { query }: CallDescription): Parameter[] {
  const ofPath = pathParameters.filter((one) => path.includes(`{${Object.keys(one.shape)}}`))
  return [
    ...ofPath.flatMap((one) => parametersOf(one, 'path')),
    ...(query ? parametersOf(query, 'query') : []),
  ]
}

const pathParameters = [
  z.object({ id: z.string().meta({ format: 'uuid' }) }),
  z.object({ userId: z.string().meta({ description: 'The person’s id, or `me`.' }) }),
  z.object({ name: roomName }),
  z.object({ seq: z.int().min(1) }),
  z.object({ emoji: z.string().meta({ description: 'Percent-encoded: `%F0%9F%91%8D` is 👍.' }) }),
]

function parametersOf(fields: z.ZodObject, place: 'path' | 'query'): Parameter[] {
  const { properties = {}, required = [] } = toSchema('input', fields)
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = withoutNull(schema as Schema)
    return {
      name,
      in: place,
      required: required.includes(name),
      ...(description && { description }),
      schema: rest,
    }
  })
}

/** Queries have no null: it stands for a value that is missing. */
function withoutNull({ anyOf, ...schema }: Schema): Schema {
  const [value] = (anyOf ?? []).filter((one) => (one as Schema).type !== 'null') as Schema[]
  return { ...value, ...schema }
}

function describeAnswers(call: CallDescription) {
  const { auth, body, query, answers, problems, isLimited, isInMemory } = call
  const all: Record<string, Answer> = {
    ...(body && commonProblems.body),
    ...((auth === 'token' || auth === 'tokenOrCookie') && commonProblems.token),
    ...(auth === 'metricsToken' && { 401: commonProblems.token[401] }),
    // Webhooks are checked by their signature alone.
    ...((body || query) && auth !== 'signature' && commonProblems.fields),
    ...(isLimited && commonProblems.limit),
    ...(!isInMemory && commonProblems.database),
    ...commonProblems.any,
    ...problems,
    ...answers,
  }
  return Object.fromEntries(Object.entries(all).map(([status, one]) => [status, describeAnswer(status, one)]))
}

function describeAnswer(status: string, { description, content }: Answer): Response {
  const [name, header] = (content && 'application/problem+json' in content && headers[status]) || []
  return {
    description,
    ...(name && { headers: { [name]: { required: true, ...header } } }),
    ...(content && { content: describeContent('output', content) }),
  }
}

const retryAfter = ['Retry-After', { description: 'Seconds.', schema: { type: 'integer' } }] as const
const headers: Record<string, readonly [string, object]> = {
  401: ['WWW-Authenticate', { schema: { const: 'Bearer' } }],
  429: retryAfter,
  503: retryAfter,
}

const describeContent = (io: Io, content: Content): MediaTypes =>
  Object.fromEntries(
    Object.entries(content).map(([type, shape]) => [
      type,
      'items' in shape
        ? {
            schema: { type: 'string', description: shape.description },
            'x-itemSchema': toSchema(io, shape.items),
          }
        : { schema: toSchema(io, shape) },
    ]),
  )

/** The shapes with a name, collected while the calls are described. */
const schemas: Record<string, Schema> = {}

/** The JSON Schema of a shape, with references to those that have a name. */
function toSchema(io: Io, shape: z.ZodType): Schema {
  // A shape with a name becomes a reference only inside another one.
  const converted = z.toJSONSchema(z.object({ shape }), { io })
  const text = JSON.stringify(converted).replaceAll('"#/$defs/', '"#/components/schemas/')
  const { properties, $defs } = JSON.parse(text) as Schema
  Object.assign(schemas, $defs)
  return properties?.shape as Schema
}
