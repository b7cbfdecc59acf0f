import assert from 'node:assert/strict'
import { test } from 'node:test'
import { countError, countRequest, countStream, joinMetrics, readMetrics } from './metrics'

test('metrics are counted only with a token, in the text format of Prometheus', () => {
  delete process.env.PARLEY_METRICS_TOKEN
  countStream(1)
  assert.equal(readMetrics(), undefined)
  process.env.PARLEY_METRICS_TOKEN = 'a token'
  countStream(1)
  countError('api')
  countRequest({ method: 'GET', route: '/', status: 200, seconds: 0.03 })
  countRequest({ method: 'GET', route: '/', status: 200, seconds: 999 })
  const lines = joinMetrics([readMetrics(), undefined]).split('\n')
  const labels = 'method="GET",route="/",status="200"'
  for (const line of [
    '# TYPE parley_request_duration_seconds histogram',
    `parley_request_duration_seconds_bucket{${labels},le="0.025"} 0`,
    `parley_request_duration_seconds_bucket{${labels},le="0.05"} 1`,
    `parley_request_duration_seconds_bucket{${labels},le="300"} 1`,
    `parley_request_duration_seconds_bucket{${labels},le="+Inf"} 2`,
    `parley_request_duration_seconds_sum{${labels}} 999.03`,
    `parley_request_duration_seconds_count{${labels}} 2`,
    'parley_errors_total{event="api"} 1',
    '# TYPE parley_streams gauge',
    'parley_streams 1',
  ])
    assert.ok(lines.includes(line), `${line}\nis not in\n${lines.join('\n')}`)
  for (const line of lines.filter(Boolean))
    assert.match(line, /^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+)$/)
})

test('the metrics of several processes are joined, each metric with one description', () => {
  process.env.PARLEY_METRICS_TOKEN = 'a token'
  process.env.PARLEY_PROCESS = '2'
  countError('second')
  delete process.env.PARLEY_PROCESS
  const text = joinMetrics([
    [['# HELP parley_errors_total', 'parley_errors_total{process="1"} 1\n']],
    readMetrics(),
    readMetrics(),
  ])
  assert.ok(text.includes('parley_errors_total{process="2",event="second"} 1\n'))
  assert.equal(text.split('# TYPE parley_errors_total ').length, 2)
})
