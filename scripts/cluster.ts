import { requirePrograms } from './apt'
import { checks, createScene } from './cluster/checks'
import { Cluster } from './cluster/cluster'
import { type Fault, faultName } from './faults/faults'
import { runTrial, say } from './faults/run'

const names = ['site 1', 'site 2', 'soketi 1', 'soketi 2', 'postgres', 'pgbouncer', 'redis']
// Seconds. The longer one exceeds the time after which the others give up a node of Soketi, and clients do.
const pauses = [3, 20]
const faults: Fault[] = [
  ...names.map((service) => ({ service })),
  ...pauses.flatMap((pausedSeconds) => names.map((service) => ({ service, pausedSeconds }))),
]
/** Part of a fault's name: then only such faults are caused. */
const [only] = process.argv.slice(2)

process.on('SIGINT', () => process.exit(1)).on('SIGTERM', () => process.exit(1))
requirePrograms(['redis-server', 'pgbouncer'], console.log)
const isOk = await runTrial(
  only ? faults.filter((fault) => faultName(fault).includes(only)) : faults,
  startChecked,
)
process.exit(isOk ? 0 : 1)

/** Starts the cluster, and checks what works across its sites and nodes before the trial turns the limits off. */
async function startChecked(onSiteOutput: (chunk: Buffer) => void) {
  const cluster = new Cluster(onSiteOutput)
  try {
    await cluster.start()
    Object.assign(process.env, cluster.env)
    if (!only) await runChecks(cluster)
    await cluster.startSites('off')
    return cluster
  } catch (error) {
    await cluster.stop()
    throw error
  }
}

async function runChecks(cluster: Cluster) {
  await cluster.startSites('on')
  for (const [name, check] of Object.entries(checks)) {
    const scene = await createScene(cluster)
    await check(scene).finally(() => scene.close())
    say(name)
  }
}
