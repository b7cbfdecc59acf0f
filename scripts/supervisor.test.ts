import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { eventually } from '@/testing/eventually'
import { Service, type ServiceDefinition } from './supervisor'

function serviceRunning(command: string, definition: Partial<ServiceDefinition> = {}) {
  const lines: string[] = []
  const service = new Service(
    {
      name: 'The service',
      spawn: async () => {
        const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] })
        await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
        return child
      },
      isReady: () => true,
      stopSignal: 'SIGTERM',
      killSignal: 'SIGKILL',
      patience: 1000,
      explain: () => 'It is broken.',
      ...definition,
    },
    { say: (line) => lines.push(line) },
  )
  return { service, lines }
}

test('restarts a service that was killed', async () => {
  const { service, lines } = serviceRunning('echo ready; exec sleep 60')
  await service.start()
  const { pid } = service
  service.kill()
  await eventually(() => lines.length === 2)
  assert.deepEqual(lines, ['The service ended (SIGKILL). Restarting it…', 'The service is back.'])
  assert.notEqual(service.pid, pid)
  await service.stop()
  assert.equal(service.pid, undefined)
})

test('kills a service that ignores the stop signal', async () => {
  const { service } = serviceRunning('trap "" TERM; echo ready; while :; do sleep 1; done', { patience: 200 })
  await service.start()
  await service.stop()
  assert.equal(service.pid, undefined)
})

test('gives up on a service that never becomes ready, and explains why', async () => {
  const { service } = serviceRunning('exit 3', { isReady: () => false })
  await assert.rejects(service.start(), /The service does not start \(exit code 3\)\.\nIt is broken\./)
})
