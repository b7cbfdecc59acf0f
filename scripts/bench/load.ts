import { processorTime } from './processes'

/**
 * Keeps 16 clients busy for some seconds, each asking again as soon as it has its answer.
 * @returns answers a second, and the processor time that each cost the process `pid`, in ms
 */
export async function measureLoad(ask: () => Promise<unknown>, seconds: number, pid: number | undefined) {
  await run(ask, 1)
  const before = processorTime(pid)
  const { count, perSecond } = await run(ask, seconds)
  return { perSecond, processorMs: (processorTime(pid) - before) / count }
}

async function run(ask: () => Promise<unknown>, seconds: number) {
  const began = performance.now()
  const end = began + seconds * 1000
  let count = 0
  const client = async () => {
    for (; performance.now() < end; count++) await ask()
  }
  await Promise.all(Array.from({ length: 16 }, client))
  return { count, perSecond: (count * 1000) / (performance.now() - began) }
}
