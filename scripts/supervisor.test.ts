import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Service } from './supervisor'

function service(command: string, patience = 1000) {
  const said: string[] = []
  const options = {
    name: 'The service',
    spawn: async () => {
      const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'ignore'] })
      await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
      return child
    },
    isReady: () => true,
    stopSignal: 'SIGTERM' as const,
    killSignal: 'SIGKILL' as const,
    patience,
    explain: () => 'It is broken.',
    say: (line: string) => said.push(line),
  }
  return { service: new Service(options), said }
}

test('starts a service again that was killed', async () => {
  const { service: sleeper, said } = service('echo ready; exec sleep 60')
  await sleeper.start()
  const { pid } = sleeper
  sleeper.kill()
  while (said.length < 2) await sleep(20)
  assert.deepEqual(said, ['The service ended (SIGKILL); starting it again.', 'The service is back.'])
  assert.notEqual(sleeper.pid, pid)
  await sleeper.stop()
  assert.equal(sleeper.pid, undefined)
})

test('kills a service that does not stop', async () => {
  const { service: stubborn } = service('trap "" TERM; echo ready; while :; do sleep 1; done', 200)
  await stubborn.start()
  await stubborn.stop()
  assert.equal(stubborn.pid, undefined)
})

test('gives up on a service that never starts, and says why', async () => {
  const { service: broken } = service('exit 3')
  await assert.rejects(
    Object.assign(broken, { options: { ...broken.options, isReady: () => false } }).start(),
    /The service does not start \(exit code 3\)\.\nIt is broken\./,
  )
})
