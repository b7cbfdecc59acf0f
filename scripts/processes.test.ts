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

test('ends the process it was told of, and no other with its number', async () => {
  const child = spawn('sleep', ['60'])
  await once(child, 'spawn')
  const ref = refOf(child.pid)
  await endProcess({ ...ref, started: 'another time' })
  assert.ok(isAlive(ref))
  await endProcess(ref)
  assert.ok(!isAlive(ref))
})

test('makes a process end that does not want to', async () => {
  const child = spawn('sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 1; done'], { stdio: 'pipe' })
  await once(child.stdout, 'data')
  const ref = refOf(child.pid)
  await endProcess(ref, 'SIGTERM', 200)
  assert.ok(!isAlive(ref))
})

test('knows the command of a process, and none of one that is gone', async () => {
  const child = spawn('sleep', ['61'])
  await once(child, 'spawn')
  assert.match(commandLine(Number(child.pid)), /sleep 61/)
  child.kill()
  await once(child, 'exit')
  assert.equal(commandLine(Number(child.pid)), '')
  assert.equal(processRef(Number(child.pid)), undefined)
})
