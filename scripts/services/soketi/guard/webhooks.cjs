const { createHmac } = require('node:crypto')
const { LocalAdapter } = require('@soketi/soketi/dist/adapters/local-adapter')
const { Namespace } = require('@soketi/soketi/dist/namespace')
const { Server } = require('@soketi/soketi/dist/server')
const { WebhookSender } = require('@soketi/soketi/dist/webhook-sender')
const axios = require('axios')
const { logError } = require('./errors.cjs')

// Reports to the site which channels got their first subscriber on this node, and which lost their last one. Soketi's own
// webhooks are separate calls in any order, are not repeated if the site does not answer, and with several nodes may
// be left out. These go in one call at a time, in order. If one fails, the site is asked to read all channels instead.

/** Changes of a moment go together. A page that is loaded again leaves its channels and returns within this time. */
const collectMs = 100
const retryMs = 2000
const timeoutMs = 5000
const maxEvents = 1000
/** Clients of a node that ended reconnect to another one within 8 s (lib/realtime/reconnect.ts). */
const settleMs = 9000

const reported = /^(?:private-user-|private-attendance-|#server-to-user-)/
const { SOKETI_DEFAULT_APP_KEY: key, SOKETI_DEFAULT_APP_SECRET: secret } = process.env
const urls = JSON.parse(process.env.SOKETI_DEFAULT_APP_WEBHOOKS || '[]').flatMap(({ url }) => url ?? [])

/** The last change of each channel since the last call. */
const changes = new Map()
/** Whether reports were lost. */
let isBehind = false
let isClosing = false
let isPlanned = false
let isSending = false

function note(channel, name) {
  if (isClosing || !urls.length || !reported.test(channel)) return
  changes.set(channel, name)
  plan(collectMs)
}

/** Asks the site to read all channels. */
function resync() {
  isBehind = true
  plan(0)
}

/** The same, when the clients of a node that ended have reconnected. */
const resyncLater = () => setTimeout(resync, settleMs).unref()

function plan(ms) {
  if (isPlanned || isSending || !urls.length) return
  isPlanned = true
  setTimeout(() => void send().catch(logError), ms)
}

async function send() {
  isPlanned = false
  isSending = true
  const events = takeEvents()
  const answers = await Promise.allSettled(urls.map((url) => post(url, events)))
  const hasFailed = answers.some(({ status }) => status === 'rejected')
  // `resync` may have been called meanwhile.
  isBehind ||= hasFailed
  isSending = false
  if (hasFailed) plan(retryMs)
  else if (isBehind || changes.size) plan(collectMs)
}

function takeEvents() {
  if (isBehind) {
    isBehind = false
    // The list of all channels will include them.
    changes.clear()
    return [{ name: 'resync' }]
  }
  const taken = [...changes].slice(0, maxEvents)
  for (const [channel] of taken) changes.delete(channel)
  return taken.map(([channel, name]) => ({ name, channel }))
}

function post(url, events) {
  const body = JSON.stringify({ time_ms: Date.now(), events })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return axios.post(url, body, {
    timeout: timeoutMs,
    headers: {
      'content-type': 'application/json',
      'x-pusher-key': key,
      'x-pusher-signature': signature,
    },
  })
}

// Soketi's own webhooks.
WebhookSender.prototype.send = () => {}

const { addToChannel, removeFromChannel } = Namespace.prototype

Namespace.prototype.addToChannel = function (ws, channel) {
  const wasEmpty = !this.channels.has(channel)
  const added = addToChannel.call(this, ws, channel)
  if (wasEmpty && this.channels.has(channel)) note(channel, 'channel_occupied')
  return added
}

Namespace.prototype.removeFromChannel = function (id, channel) {
  const wasEmpty = !this.channels.has(channel)
  const removed = removeFromChannel.call(this, id, channel)
  if (!wasEmpty && !this.channels.has(channel)) note(channel, 'channel_vacated')
  return removed
}

// Soketi counts the subscribers on all nodes for its own webhooks, with a call for each subscription.
LocalAdapter.prototype.addToChannel = function (appId, channel, ws) {
  return this.getNamespace(appId).addToChannel(ws, channel)
}
LocalAdapter.prototype.removeFromChannel = function (appId, channel, id) {
  return this.getNamespace(appId).removeFromChannel(id, channel)
}

const { start, stop } = Server.prototype

Server.prototype.start = function (...args) {
  // The sockets of the process before are gone.
  resyncLater()
  return start.apply(this, args)
}

// When Soketi stops, its clients have not left: they reconnect.
Server.prototype.stop = function (...args) {
  isClosing = true
  return stop.apply(this, args)
}

module.exports = { resync, resyncLater }
