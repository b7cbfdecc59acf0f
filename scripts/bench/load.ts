/** Keeps `clients` busy for `seconds`, each asking again as soon as it has its answer. @returns answers a second */
export async function requestsPerSecond(ask: () => Promise<unknown>, seconds: number, clients = 16) {
  await run(ask, 1, clients)
  return run(ask, seconds, clients)
}

async function run(ask: () => Promise<unknown>, seconds: number, clients: number) {
  const began = performance.now()
  const end = began + seconds * 1000
  let count = 0
  const client = async () => {
    for (; performance.now() < end; count++) await ask()
  }
  await Promise.all(Array.from({ length: clients }, client))
  return count / ((performance.now() - began) / 1000)
}
