import { z } from 'zod'
import { invalid } from './errors'
import { nameFault, tidyName } from './names'

// Everything but tab and newline; NUL is among them, which PostgreSQL cannot store.
const controlCharacters = /[\p{Cc}--[\t\n]]/v
const lineBreaks = /[\t\n]/
// A half of a surrogate pair has no UTF-8 form: PostgreSQL would store a replacement instead.
const loneSurrogate = /\p{Cs}/u

const codePoints = (text: string) => [...text].length

const text = (missing: string) =>
  z
    .string(missing)
    .transform((value) => value.replaceAll('\r\n', '\n'))
    .refine(
      (value) => !controlCharacters.test(value) && !loneSurrogate.test(value),
      'Remove the control characters.',
    )

const line = (missing: string) =>
  text(missing).refine((value) => !lineBreaks.test(value), 'Keep it on one line.')

const personName = line('Write a name, or leave it empty.')
  .transform(tidyName)
  .refine((value) => codePoints(value) <= 64, 'Use at most 64 characters.')
  .refine((value) => !nameFault(value), { error: ({ input }) => nameFault(String(input)) })
  .transform((value) => value || null)
  .nullish()
  .transform((value) => value ?? null)

export const username = z
  .string('Choose a username.')
  .regex(/^[A-Za-z0-9_.-]{3,32}$/, 'Use 3 to 32 letters (a to z), digits, _, - or .')

/** The same room whatever the case. */
export const roomName = z
  .string('Name a room.')
  .regex(/^[A-Za-z0-9_-]{1,32}$/, 'Use 1 to 32 letters (a to z), digits, - and _ only.')

export const isRoomName = (value: string) => roomName.safeParse(value).success

/** For looking a person up: anything that can be compared. */
export const anyUsername = line('Write a username.').refine((value) => value !== '', 'Write a username.')
export const anyPassword = z.string('Write your password.').min(1, 'Write your password.')

export const newPassword = z
  .string('Choose a password.')
  .refine((value) => codePoints(value) >= 8, 'Use at least 8 characters.')
  // bcrypt reads no further than 72 bytes, and stops at a NUL.
  .refine(
    (value) => Buffer.byteLength(value) <= 72,
    'Use at most 72 bytes: a letter with an accent is two, an emoji four.',
  )
  .refine((value) => !value.includes('\0'), 'Remove the control characters.')

// Forms and query strings carry numbers as text.
const numeric = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), schema)

const gender = z.union([z.literal(0), z.literal(1), z.literal(2), z.literal(9)], 'Choose one of the four.')

export const profile = { firstName: personName, lastName: personName, gender: numeric(gender.default(0)) }

export const messageBody = text('Write a message.')
  .refine((value) => value.trim() !== '', 'Write a message.')
  .refine((value) => codePoints(value) <= 4000, 'A message has at most 4,000 characters.')

/** Any short text, made by the client: a UUID as a rule. */
export const nonce = line('The nonce is a text.').refine(
  (value) => value.length >= 1 && value.length <= 64,
  'The nonce has 1 to 64 characters.',
)

const wholeNumber = z.number('Give a whole number.').int('Give a whole number.').max(Number.MAX_SAFE_INTEGER)

export const seq = numeric(wholeNumber.min(0, 'Give a number from 0 on.'))
export const pageSize = numeric(
  wholeNumber.min(1, 'Give a number from 1 to 100.').max(100, 'Give a number from 1 to 100.'),
)

export const streamSeconds = numeric(
  wholeNumber.min(1, 'Give 1 to 300 seconds.').max(300, 'Give 1 to 300 seconds.'),
)

export const searchText = line('Write a part of a name.').transform((value) => value.trim().slice(0, 100))

const uuid = z.uuid()
/** Ids come from addresses and forms: what is no id names nothing. */
export const isId = (value: string) => uuid.safeParse(value).success

/**
 * Checks `input` against `schema`.
 * @throws {Refusal} 422, with the first problem of each faulty field
 */
export function check<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const errors: Record<string, string> = {}
  for (const { path, message } of result.error.issues)
    if (path.length) errors[path.join('.')] ??= message
    else errors.body ??= 'Send an object with the fields by name.'
  throw invalid(errors)
}
