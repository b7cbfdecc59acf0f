import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

const text = z.string().min(1)
const schema = z.object({
  postgresPassword: text,
  soketiAppId: text,
  soketiAppKey: text,
  soketiAppSecret: text,
  authSecret: text,
  serverActionsKey: text,
})
export type Secrets = z.infer<typeof schema>

/** The data folder's secrets, made up at the first start. */
export function loadSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json')
  if (existsSync(file)) return readSecrets(file)
  if (existsSync(join(dataDir, 'postgres')))
    throw new Error(
      `${file} is missing, and with it the password of the database beside it. Put it back from a backup.`,
    )
  const secrets = makeSecrets()
  // Renamed when complete, so that no crash leaves half a file.
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return secrets
}

function readSecrets(file: string) {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) throw error
    throw new Error(`${file} is damaged. Put it back from a backup.`)
  }
}

const word = (bytes: number) => randomBytes(bytes).toString('hex')

const makeSecrets = (): Secrets => ({
  postgresPassword: word(24),
  // They begin with a letter: Soketi would take digits alone for a number.
  soketiAppId: `parley-${word(4)}`,
  soketiAppKey: `key-${word(12)}`,
  soketiAppSecret: `secret-${word(24)}`,
  authSecret: word(32),
  serverActionsKey: randomBytes(32).toString('base64'),
})
