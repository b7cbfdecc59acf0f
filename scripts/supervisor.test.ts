import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Part } from './supervisor'

function part(command: string, patience = 1000) {
  const said: string[] = []
  const options = {
    name: 'The part',
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
  return { part: new Part(options), said }
}

test('starts a part again that was killed', async () => {
  const { part: sleeper, said } = part('echo ready; exec sleep 60')
  await sleeper.start()
  const { pid } = sleeper
  sleeper.kill()
  while (said.length < 2) await sleep(20)
  assert.deepEqual(said, ['The part ended (SIGKILL); starting it again.', 'The part is back.'])
  assert.notEqual(sleeper.pid, pid)
  await sleeper.stop()
  assert.equal(sleeper.pid, undefined)
})

test('kills a part that does not stop', async () => {
  const { part: stubborn } = part('trap "" TERM; echo ready; while :; do sleep 1; done', 200)
  await stubborn.start()
  await stubborn.stop()
  assert.equal(stubborn.pid, undefined)
})

test('gives up on a part that never starts, and says why', async () => {
  const { part: broken } = part('exit 3')
  await assert.rejects(
    Object.assign(broken, { options: { ...broken.options, isReady: () => false } }).start(),
    /The part does not start \(exit code 3\)\.\nIt is broken\./,
  )
})
