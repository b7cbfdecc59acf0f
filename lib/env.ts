import 'server-only'
import { availableParallelism } from 'node:os'
import { z } from 'zod'

const port = z.coerce.number('a port').int('a port').min(1, 'a port').max(65535, 'a port, at most 65535')
const httpUrl = z.url({ protocol: /^https?$/, error: 'an http:// or https:// address' })
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'a postgres:// address' })
// Soketi parses its settings as JSON if possible, and crashes if one is a number.
const soketiWord = z.string().regex(/^[A-Za-z][\w-]*$/, 'letters, digits, _ and -, beginning with a letter')
const seconds = z.coerce
  .number('whole seconds')
  .int('whole seconds')
  .min(1, 'at least 1')
  .max(86_400, 'at most 86400')
const processes = z.union(
  [
    // Leaves a core to PostgreSQL and Soketi.
    z.literal('auto').transform(() => Math.max(availableParallelism() - 1, 1)),
    z.coerce.number().int().min(1).max(64),
  ],
  'auto, or a whole number from 1 to 64',
)

const settings = {
  PORT: port.default(3000),
  HOST: z.string().optional(),
  PARLEY_DATA_DIR: z.string().default('.data'),
  DATABASE_URL: postgresUrl.optional(),
  SOKETI_URL: httpUrl.optional(),
  SOKETI_PUBLIC_URL: httpUrl.optional(),
  SOKETI_APP_ID: soketiWord.optional(),
  SOKETI_APP_KEY: soketiWord.optional(),
  SOKETI_APP_SECRET: soketiWord.optional(),
  SOKETI_PORT: port.default(6001),
  AUTH_SECRET: z.string().min(32, 'at least 32 characters').optional(),
  AUTH_URL: httpUrl.optional(),
  TRUST_PROXY: z.stringbool({ error: 'true or false' }).default(false),
  PARLEY_STREAM_SECONDS: seconds.default(240),
  PARLEY_METRICS_TOKEN: z.string().min(16, 'at least 16 characters').optional(),
  PARLEY_PROCESSES: processes.default(1),
  PARLEY_LIMITS: z.enum(['on', 'off'], 'on or off').default('on'),
}

/** The names of all environment variables that Parley reads. */
export const settingNames = Object.keys(settings)

const schema = z.object(settings)
const soketiNames = ['SOKETI_APP_ID', 'SOKETI_APP_KEY', 'SOKETI_APP_SECRET'] as const
const siteNames = ['DATABASE_URL', 'SOKETI_URL', 'AUTH_SECRET', ...soketiNames] as const

/** The settings of `npm start`: a service without an address is embedded, a secret without a value is generated. */
export type LaunchEnv = z.infer<typeof schema>
/** The settings of the site: every service has an address, every secret a value. */
export type Env = LaunchEnv & { [name in (typeof siteNames)[number]]: string }
export type EnvSource = Record<string, string | undefined>

/** Its message lists every invalid variable and the expected value. */
export class EnvError extends Error {
  override name = 'EnvError'
}

/** @throws {EnvError} */
export const parseLaunchEnv = (source: EnvSource): LaunchEnv =>
  parse(source, source.SOKETI_URL ? soketiNames : [])

/** @throws {EnvError} */
export const parseSiteEnv = (source: EnvSource) => parse(source, siteNames) as Env

let cached: Env | undefined

/** The site's settings, read once. */
export function env(): Env {
  cached ??= parseSiteEnv(process.env)
  return cached
}

function parse(source: EnvSource, required: readonly (keyof LaunchEnv)[]): LaunchEnv {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const result = schema.safeParse(given)
  const problems = required.filter((name) => !given[name]).map((name) => `${name}: expected a value`)
  for (const { path, message } of result.error?.issues ?? [])
    problems.push(`${path.join('.')}: expected ${message}`)
  if (!result.success || problems.length)
    throw new EnvError(['The configuration is not usable:', ...problems].join('\n  '))
  return result.data
}
