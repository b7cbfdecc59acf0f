import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EnvSource } from '@/lib/env'
import type { System } from '../faults/system'
import type { Parley } from '../parley'
import { addressOf, freePort } from '../ports'
import { loadSecrets } from '../secrets'
import { installService } from '../services/install'
import { soketi, soketiNode } from '../services/soketi'
import { Service, type ServiceDefinition } from '../supervisor'
import { startTemporaryParley } from '../temporary'
import { Balancer } from './balancer'
import { pgbouncer, redis } from './services'

const host = '127.0.0.1'
const quiet = { say: () => {} }

/** Two sites and two nodes of Soketi with one PostgreSQL behind PgBouncer and one Redis, all on this machine. */
export class Cluster implements System {
  readonly services: Record<string, Service> = {}
  readonly twins = ['soketi 1', 'soketi 2', 'site 1', 'site 2']
  /** The addresses of Soketi's nodes. Everything else connects to them through a load balancer. */
  nodes: string[] = []
  urls: string[] = []
  /** Those of this process. It reads the database directly, so that it can do so while PgBouncer is suspended. */
  env: EnvSource = {}
  #base!: Parley
  #sites: Parley[] = []
  #siteEnv: EnvSource = {}
  readonly #balancers: Balancer[] = []

  constructor(readonly onSiteOutput: (chunk: Buffer) => void) {}

  async start() {
    process.once('exit', this.#abandon)
    this.#base = await startTemporaryParley({ site: 'none', soketi: false, ...quiet })
    const { services, env } = this.#base
    if (services.postgres) this.services.postgres = services.postgres
    this.urls = [addressOf(host, await freePort()), addressOf(host, await freePort())]
    const database = await this.#startPgBouncer(new URL(String(env.DATABASE_URL)))
    const app = await this.#startSoketi()
    const { url } = await this.#balance(this.nodes, '/ready')
    this.env = {
      ...env,
      PARLEY_LIMITS: 'off',
      SOKETI_URL: url,
      SOKETI_APP_ID: app.id,
      SOKETI_APP_KEY: app.key,
      SOKETI_APP_SECRET: app.secret,
    }
    this.#siteEnv = { ...this.env, DATABASE_URL: database }
  }

  /** Starts both sites, after stopping them if they run. */
  async startSites(PARLEY_LIMITS: 'on' | 'off') {
    await this.#stopSites()
    for (const [index, url] of this.urls.entries()) {
      const { PARLEY_DATA_DIR, ...env } = this.#siteEnv
      const site = await startTemporaryParley({
        ...quiet,
        onSiteOutput: this.onSiteOutput,
        env: { ...env, PORT: new URL(url).port, PARLEY_LIMITS },
      })
      this.#sites.push(site)
      if (site.services.site) this.services[`site ${index + 1}`] = site.services.site
    }
  }

  stop = async () => {
    await this.#stopSites()
    for (const balancer of this.#balancers) balancer.stop()
    await Promise.all(Object.values(this.services).map((service) => service.stop()))
    await this.#base?.stop()
    process.off('exit', this.#abandon)
  }

  #abandon = () => {
    for (const service of Object.values(this.services)) service.abandon()
  }

  async #stopSites() {
    await Promise.all(this.#sites.splice(0).map((site) => site.stop()))
  }

  /** @returns the database's address through PgBouncer */
  async #startPgBouncer(database: URL) {
    const port = await freePort()
    await this.#start(
      'pgbouncer',
      pgbouncer({ folder: join(this.#base.dataDir, 'pgbouncer'), port, database }),
    )
    const pooled = new URL(database)
    pooled.port = String(port)
    pooled.searchParams.set('prepare', 'false')
    return pooled.href
  }

  async #startSoketi() {
    const { dataDir } = this.#base
    const redisPort = await freePort()
    await this.#start('redis', redis({ folder: this.#folder('redis'), port: redisPort }))
    const packages = await installService('soketi', 'Soketi', console.log)
    const node = await soketiNode(packages, console.log)
    const { soketiAppId, soketiAppKey, soketiAppSecret } = loadSecrets(dataDir)
    const app = { id: soketiAppId, key: soketiAppKey, secret: soketiAppSecret }
    const { url } = await this.#balance(this.urls, '/api/health')
    const env = {
      ...process.env,
      PARLEY_LIMITS: 'off',
      SOKETI_ADAPTER_DRIVER: 'redis',
      SOKETI_DB_REDIS_HOST: host,
      SOKETI_DB_REDIS_PORT: String(redisPort),
    }
    for (const name of ['soketi 1', 'soketi 2']) {
      const port = await freePort()
      const logDir = this.#folder(name)
      const webhookUrl = `${url}/api/realtime/webhook`
      await this.#start(name, soketi({ packages, node, host, port, app, webhookUrl, logDir, env }))
      this.nodes.push(addressOf(host, port))
    }
    return app
  }

  #folder(name: string) {
    const folder = join(this.#base.dataDir, name)
    mkdirSync(folder)
    return folder
  }

  async #balance(urls: string[], path: string) {
    const balancer = await Balancer.start(urls, path)
    this.#balancers.push(balancer)
    return balancer
  }

  async #start(name: string, definition: ServiceDefinition) {
    const service = new Service(definition, quiet)
    this.services[name] = service
    await service.start()
  }
}
