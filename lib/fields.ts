// The rules for what people and clients send. `meta` is what the API's description (app/api/openapi) says of a field.
import { z } from 'zod'
import { invalid } from './errors'
import { nameFault, tidyName } from './names'

// All but tab and newline. PostgreSQL cannot store NUL, which is one of them.
const controlCharacters = /[\p{Cc}--[\t\n]]/v
const lineBreaks = /[\t\n]/
// Half of a surrogate pair has no UTF-8 form: PostgreSQL would store a replacement character instead.
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
  .nullish()
  .transform((value) => value || null)
  .meta({ maxLength: 64 })

export const username = z
  .string('Choose a username.')
  .regex(/^[A-Za-z0-9_.-]{3,32}$/, 'Use 3 to 32 letters (a to z), digits, _, - or .')
  .meta({ description: 'Unique regardless of case.' })

export const roomName = z
  .string('Name a room.')
  .regex(/^[A-Za-z0-9_-]{1,32}$/, 'Use 1 to 32 letters (a to z), digits, - and _ only.')
  .meta({ description: 'The same room regardless of case.' })

export const isRoomName = (value: string) => roomName.safeParse(value).success

/** A name of something else than a person. */
const title = (missing: string, most: number) =>
  line(missing)
    .transform(tidyName)
    .refine((value) => value !== '', missing)
    .refine((value) => codePoints(value) <= most, `Use at most ${most} characters.`)
    .refine((value) => !nameFault(value), { error: ({ input }) => nameFault(String(input)) })
    .meta({ minLength: 1, maxLength: most })

export const groupTitle = title('Give the group a title.', 64)
export const siteName = title('Give the site a name.', 40)

/** A username to look up. It need not follow the rules for new ones. */
export const anyUsername = line('Write a username.')
  .refine((value) => value !== '', 'Write a username.')
  .meta({ minLength: 1 })
export const anyPassword = z.string('Write your password.').min(1, 'Write your password.')

export const newPassword = z
  .string('Choose a password.')
  .refine((value) => codePoints(value) >= 8, 'Use at least 8 characters.')
  // bcrypt ignores everything after 72 bytes or a NUL.
  .refine(
    (value) => Buffer.byteLength(value) <= 72,
    'Use at most 72 bytes: a letter with an accent is two, an emoji four.',
  )
  .refine((value) => !value.includes('\0'), 'Remove the control characters.')
  .meta({ minLength: 8, description: 'At most 72 bytes of UTF-8.' })

// Forms and query strings carry numbers as text.
const numeric = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), schema)

const gender = numeric(z.literal([0, 1, 2, 9], 'Choose one of the four.').default(0)).meta({
  description: 'ISO/IEC 5218: 0 not known, 1 male, 2 female, 9 not applicable.',
})

export const profile = { firstName: personName, lastName: personName, gender }

export const messageBody = text('Write a message.')
  .refine((value) => value.trim() !== '', 'Write a message.')
  .refine((value) => codePoints(value) <= 4000, 'A message has at most 4,000 characters.')
  .meta({ minLength: 1, maxLength: 4000 })

/** An optional remark, or the reason for something. */
export const remark = text('Write a text.')
  .transform((value) => value.trim())
  .refine((value) => codePoints(value) <= 500, 'Use at most 500 characters.')
  .meta({ maxLength: 500 })

/** A checkbox of a form, or a boolean of the API. */
export const checkbox = z
  .union([z.boolean(), z.enum(['true', 'false', ''])], 'Choose yes or no.')
  .nullish()
  .transform((value) => value === true || value === 'true')

/** A short text that the client makes, usually a UUID. */
export const nonce = line('The nonce is a text.')
  .refine((value) => value.length >= 1 && value.length <= 64, 'The nonce has 1 to 64 characters.')
  .meta({
    minLength: 1,
    maxLength: 64,
    description: 'Made by the client, for instance a UUID. Sent again, it gives back the same message.',
  })

const wholeNumber = z.number('Give a whole number.').int('Give a whole number.').max(Number.MAX_SAFE_INTEGER)

export const seq = numeric(wholeNumber.min(0, 'Give a number from 0 on.'))
/** The `seq` that a path names; 0, which no message has, if it is not a number. */
export const seqIn = (text: string) => (/^\d{1,15}$/.test(text) ? Number(text) : 0)
export const pageSize = numeric(
  wholeNumber.min(1, 'Give a number from 1 to 100.').max(100, 'Give a number from 1 to 100.'),
)

/** For how long something lasts, from 1 to `most`. */
export const duration = (most: number, unit: string) => {
  const sentence = `Give 1 to ${most.toLocaleString('en')} ${unit}.`
  return numeric(z.number(sentence).int(sentence).min(1, sentence).max(most, sentence))
}

/** For how many days something is kept; null for ever. */
export const daysKept = z.preprocess(
  (value) => (typeof value === 'string' && value.trim() === '' ? null : value),
  duration(3650, 'days').nullable(),
)

export const streamSeconds = numeric(
  wholeNumber.min(1, 'Give 1 to 300 seconds.').max(300, 'Give 1 to 300 seconds.'),
)

export const searchText = line('Write a part of a name.')
  .transform((value) => value.trim().slice(0, 100))
  .meta({ description: 'Part of a username or name; without it, everyone is listed.' })

/** A place in a list of conversations: `<microseconds since 1970>:<id>`. */
export const listCursor = z
  .string()
  .regex(/^\d{1,16}:[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/, 'Use the nextCursor of the previous page.')
  .meta({ description: 'The `nextCursor` of the page before.' })

export const isListCursor = (value: string) => listCursor.safeParse(value).success

const uuid = z.uuid()
/** Whether it can be an id. PostgreSQL would fail on anything that is not a UUID. */
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
