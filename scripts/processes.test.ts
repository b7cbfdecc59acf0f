import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { commandLine, endProcess, isAlive, processRef } from './processes'

function refOf(pid: number | undefined) {
  const ref = processRef(Number(pid))
  assert.ok(ref, 'the process runs')
  return ref
}

test('ends a process, but not another one with the same pid', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const ref = refOf(child.pid)
  await endProcess({ ...ref, started: 'another time' })
  assert.ok(isAlive(ref))
  await endProcess(ref)
  assert.ok(!isAlive(ref))
})

test('kills a process that ignores the signal', async () => {
  const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'], { stdio: 'pipe' })
  await once(child.stdout, 'data')
  const ref = refOf(child.pid)
  await endProcess(ref, 'SIGTERM', 200)
  assert.ok(!isAlive(ref))
})

test('reads the command line of a running process, and an empty text if it has ended', async () => {
  const child = spawn('sleep', ['61'])
  await once(child, 'spawn')
  assert.match(commandLine(Number(child.pid)), /sleep 61/)
  child.kill()
  await once(child, 'exit')
  assert.equal(commandLine(Number(child.pid)), '')
  assert.equal(processRef(Number(child.pid)), undefined)
})
