import { ask } from '../http'
import type { Bench } from './context'
import { cpuTimeOfTree } from './processes'
import { median, spread } from './statistics'

const clientCount = 16

/** The CPU time of rendering a conversation's page, compared with the framework's empty page. */
export async function measurePage({ servers, clients, report, rounds, isQuick, emptySite }: Bench) {
  const empty = await emptySite()
  const name = 'a conversation with 50 messages'
  const pages: Page[] = [
    { name: 'an empty page of the framework', url: empty.url, pid: empty.pid, headers: {} },
  ]
  for (const { way, pairs, pids } of servers.contenders.filter(({ way }) => way.kind === 'API')) {
    const [pair] = pairs
    if (!pair) continue
    await clients.run('open', { way, pairs: [pair] })
    await clients.run('load', { way, pairs: [pair], rate: 50, seconds: 1 })
    const url = `${way.url}/c/${pair.conversationId}`
    pages.push({
      name: way.name.replace('API', name),
      url,
      pid: pids.server,
      headers: { cookie: pair.sender.cookie },
    })
  }
  const used = pages.map(() => [] as number[])
  for (let round = -1; round < rounds; round++)
    for (const [index, page] of pages.entries()) {
      const cpu = await render(page, isQuick ? 5 : 12)
      if (round >= 0) used[index]?.push(cpu)
    }
  const middle = (index: number) => median(used[index] ?? [])
  report.table(
    `Pages requested by ${clientCount} clients in a loop`,
    ['CPU ms a page', 'spread', '÷ empty'],
    pages.map(({ name }, index) => [
      name,
      middle(index).toFixed(1),
      spread(used[index] ?? [], 1),
      (middle(index) / middle(0)).toFixed(1),
    ]),
  )
  report.aim('CPU of a conversation’s page ÷ an empty one’s', middle(1) / middle(0), 4, 1)
}

interface Page {
  name: string
  url: string
  /** The site's process. */
  pid: number
  headers: Record<string, string>
}

async function render({ url, pid, headers }: Page, times: number) {
  const before = cpuTimeOfTree(pid)
  const client = async () => {
    for (let time = 0; time < times; time++) {
      const { status } = await ask(url, { headers })
      if (status !== 200) throw new Error(`${url} answered ${status}.`)
    }
  }
  await Promise.all(Array.from({ length: clientCount }, client))
  return (cpuTimeOfTree(pid) - before) / (clientCount * times)
}
