import { fileURLToPath } from 'node:url'
import { migrateDatabase } from '@/db/migrate'
import { type EnvSource, type LaunchEnv, parseLaunchEnv } from '@/lib/env'
import { DataFolder, explainAccess } from './data-folder'
import { logsWritten } from './log-file'
import { addressOf, freePort, requirePort } from './ports'
import { loadSecrets, type Secrets } from './secrets'
import { installService } from './services/install'
import { adminUrl, postgres, siteUrl } from './services/postgres'
import { site } from './services/site'
import { handOver } from './services/site-role'
import { soketi, soketiNode } from './services/soketi'
import { buildIfChanged, buildServer, serverFile } from './site-build'
import { Service, type ServiceDefinition } from './supervisor'

export interface ParleyOptions {
  /** Which site to start: the built one, one with hot reload, or none if only the other services are needed. */
  site: 'start' | 'dev' | 'none'
  /** `false` starts no Soketi. */
  soketi?: false
  /** The settings, validated here. The default is the environment of this process. */
  env?: EnvSource
  /** Leaves the log lines of requests out of the output. The default is true if the output is a terminal. */
  isQuiet?: boolean
  say?: (line: string) => void
  /** Receives the site's output. The default prints it. */
  onSiteOutput?: (chunk: Buffer) => void
}

export const serviceNames = ['postgres', 'soketi', 'site'] as const
export type ServiceName = (typeof serviceNames)[number]

const root = fileURLToPath(new URL('..', import.meta.url))

/** The site with its PostgreSQL and Soketi, each of which is started only if no address for it is configured. */
export class Parley {
  readonly services: { [name in ServiceName]?: Service } = {}
  /** The site's environment, with every address and secret. */
  readonly env: EnvSource = {}
  readonly url: string
  /** The embedded PostgreSQL's address for its superuser. */
  adminUrl: string | undefined
  readonly dataDir: string
  readonly #launch: LaunchEnv
  readonly #folder: DataFolder
  readonly #host: string
  readonly #say: (line: string) => void

  constructor(readonly options: ParleyOptions) {
    const source = options.env ?? process.env
    this.#launch = parseLaunchEnv(source)
    this.#say = options.say ?? console.log
    this.#host = this.#launch.HOST ?? '127.0.0.1'
    this.url = addressOf(this.#host, this.#launch.PORT)
    this.#folder = new DataFolder(this.#launch.PARLEY_DATA_DIR)
    this.dataDir = this.#folder.path
    Object.assign(this.env, source)
  }

  /** Resolves when every service is ready. If it throws, it has stopped all services before. */
  async start() {
    try {
      await this.#folder.claim(this.#launch.PORT)
      await this.#requirePorts()
      await this.#startServices(loadSecrets(this.dataDir))
    } catch (error) {
      await this.stop()
      throw explainAccess(error)
    }
  }

  /** Stops the site first, because its last requests still need the other services. */
  stop = async () => {
    await this.services.site?.stop()
    await Promise.all([this.services.soketi?.stop(), this.services.postgres?.stop()])
    await logsWritten()
    this.#folder.release()
  }

  /** Kills all services without waiting for their end. */
  abandon = () => {
    for (const service of Object.values(this.services)) service.abandon()
  }

  get #embedsSoketi() {
    return !this.#launch.SOKETI_URL && this.options.soketi !== false
  }

  async #requirePorts() {
    if (this.options.site !== 'none') await requirePort('PORT', this.#launch.PORT, this.#host)
    if (this.#embedsSoketi) await requirePort('SOKETI_PORT', this.#launch.SOKETI_PORT, this.#host)
  }

  async #startServices(secrets: Secrets) {
    const { AUTH_SECRET, DATABASE_URL, PORT } = this.#launch
    Object.assign(this.env, {
      PORT: String(PORT),
      AUTH_SECRET: AUTH_SECRET ?? secrets.authSecret,
      AUTH_TRUST_HOST: 'true',
      // Also for the build: with the same key, forms of pages from an older build still find their actions.
      NEXT_SERVER_ACTIONS_ENCRYPTION_KEY:
        this.env.NEXT_SERVER_ACTIONS_ENCRYPTION_KEY || secrets.serverActionsKey,
    })
    await Promise.all([
      DATABASE_URL ? this.#migrate(DATABASE_URL) : this.#startPostgres(secrets),
      this.#embedsSoketi ? this.#startSoketi(secrets) : undefined,
      this.options.site === 'start' ? buildIfChanged(root, this.env, this.#say) : undefined,
    ])
    if (this.options.site !== 'none') await this.#startSite(this.options.site)
  }

  async #startPostgres({ postgresPassword: password }: Secrets) {
    const packages = await installService('postgres', 'PostgreSQL', this.#say)
    const port = await freePort()
    const { dataDir } = this
    const { PARLEY_PROCESSES: processes } = this.#launch
    const logDir = this.#folder.logs
    await this.#startService(
      'postgres',
      postgres({ packages, dataDir, logDir, port, password, processes, say: this.#say }),
    )
    this.adminUrl = adminUrl(port, password)
    await handOver(this.adminUrl, password)
    this.env.DATABASE_URL = siteUrl(port, password)
    await this.#migrate(this.env.DATABASE_URL)
  }

  async #migrate(url: string) {
    await migrateDatabase(url, this.#say).catch((error: NodeJS.ErrnoException) => {
      const reason = error.message || error.code
      throw new Error(`The database at ${new URL(url).host} cannot be used: ${reason}`, { cause: error })
    })
  }

  async #startSoketi(secrets: Secrets) {
    const { SOKETI_APP_ID, SOKETI_APP_KEY, SOKETI_APP_SECRET, SOKETI_PORT: port } = this.#launch
    const packages = await installService('soketi', 'Soketi', this.#say)
    const node = await soketiNode(packages, this.#say)
    const app = {
      id: SOKETI_APP_ID ?? secrets.soketiAppId,
      key: SOKETI_APP_KEY ?? secrets.soketiAppKey,
      secret: SOKETI_APP_SECRET ?? secrets.soketiAppSecret,
    }
    const host = this.#host
    const webhookUrl = `${this.url}/api/realtime/webhook`
    await this.#startService(
      'soketi',
      soketi({ packages, node, host, port, app, webhookUrl, logDir: this.#folder.logs, env: this.env }),
    )
    Object.assign(this.env, {
      SOKETI_URL: addressOf(host, port),
      SOKETI_PORT: String(port),
      SOKETI_APP_ID: app.id,
      SOKETI_APP_KEY: app.key,
      SOKETI_APP_SECRET: app.secret,
    })
  }

  async #startSite(mode: 'start' | 'dev') {
    const { PORT: port } = this.#launch
    const server = serverFile(root, this.env, mode)
    if (mode === 'dev') await buildServer(root, server)
    const isQuiet = this.options.isQuiet ?? (mode === 'start' && process.stdout.isTTY)
    const logDir = this.#folder.logs
    const show = this.options.onSiteOutput ?? ((chunk) => process.stdout.write(chunk))
    await this.#startService(
      'site',
      site({ root, serverFile: server, mode, host: this.#host, port, logDir, isQuiet, env: this.env, show }),
    )
  }

  async #startService(name: ServiceName, definition: ServiceDefinition) {
    const onSpawn = (pid: number) => this.#folder.noteProcess(name, pid)
    const service = new Service(definition, { say: this.#say, onSpawn })
    this.services[name] = service
    await service.start()
  }
}
