import type { z } from 'zod'

/** The description of a call, which is a method of a path. `document.ts` adds what all calls of its kind have. */
export type CallDescription = {
  /** A unique name for client generators and links. */
  id: string
  summary: string
  description?: string
  /** The required credentials; none if undefined. */
  auth?: Auth
  query?: z.ZodObject
  /** The request's body, by content type. */
  body?: Content
  answers: Record<number, Answer>
  /** Problems that only this call has. */
  problems?: Record<number, Answer>
  /** May be refused with 429. */
  isLimited?: boolean
  /** Does not use the database, so that it is never refused with 503. */
  isInMemory?: boolean
  example?: Example
}

export type Auth = 'token' | 'tokenOrCookie' | 'metricsToken' | 'signature'
export type Answer = { description: string; content?: Content }
export type Content = Record<string, z.ZodType | Stream>
/** A text of many items. */
type Stream = { items: z.ZodType; description: string }

/** The call of the curl example; `id` and `userId` are the path's parameters. */
type Example = { id?: string; userId?: string; query?: string; body?: string | object; options?: string[] }

/** Calls by path (in OpenAPI's form) and method. */
export type Calls = Record<
  string,
  Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', CallDescription>>
>

export const json = (schema: z.ZodType): Content => ({ 'application/json': schema })
export const answer = (description: string, schema?: z.ZodType): Answer => ({
  description,
  ...(schema && { content: json(schema) }),
})
