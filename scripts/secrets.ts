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

/** The data folder's secrets, generated at the first start. */
export function loadSecrets(dataDir: string): Secrets {
  const file = join(dataDir, 'secrets.json')
  if (existsSync(file)) return readSecrets(file)
  if (existsSync(join(dataDir, 'postgres')))
    throw new Error(
      `${file} is missing, and it holds the password of the database next to it. Restore the file from a backup.`,
    )
  const secrets = generateSecrets()
  // Renamed when complete, so that a crash cannot leave half a file.
  writeFileSync(`${file}.new`, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
  return secrets
}

function readSecrets(file: string) {
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code) throw error
    throw new Error(`${file} is damaged. Restore it from a backup.`)
  }
}

const hex = (bytes: number) => randomBytes(bytes).toString('hex')

const generateSecrets = (): Secrets => ({
  postgresPassword: hex(24),
  // Each begins with a letter, because Soketi would parse digits alone as a number.
  soketiAppId: `parley-${hex(4)}`,
  soketiAppKey: `key-${hex(12)}`,
  soketiAppSecret: `secret-${hex(24)}`,
  authSecret: hex(32),
  serverActionsKey: randomBytes(32).toString('base64'),
})
