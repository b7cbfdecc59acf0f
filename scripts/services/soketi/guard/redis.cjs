// Several nodes of Soketi exchange events over Redis. By itself Soketi hangs or exits if Redis or another node does not
// answer. Here each node announces itself every half second, so that all know which nodes can be asked. A node that does
// not receive its own announcement has lost Redis. It then continues with its own sockets alone, and when Redis is back,
// all sockets reconnect, because clients load what they missed when they reconnect.
const { setTimeout: sleep } = require('node:timers/promises')
const { HorizontalAdapter, RequestType } = require('@soketi/soketi/dist/adapters/horizontal-adapter')
const { LocalAdapter } = require('@soketi/soketi/dist/adapters/local-adapter')
const { RedisAdapter } = require('@soketi/soketi/dist/adapters/redis-adapter')
const { HttpHandler } = require('@soketi/soketi/dist/http-handler')
const { closeCodes, end, logError } = require('./errors.cjs')
const { isSite } = require('./sockets.cjs')
const { resync } = require('./webhooks.cjs')

const announceEveryMs = 500
/** A node is lost after this many announcements were expected and none came: 2 s. */
const mostMissed = 4
/** Less than the 2 s that the site waits for an answer. */
const requestMs = 1000
/** Clients notice within 15 s that a node hangs, and reconnect to another. Of these, 2 s are over when it is lost. */
const movingMs = 13_000
/** After Redis is back, the other nodes reconnect to it within this time. */
const joiningMs = 2000
/** The sockets of a node reconnect over this time for each of them, so that the site can answer them all. */
const renewalMs = 2
const longestRenewalMs = 20_000
/** While Redis is away, sockets reconnect this often, so that clients load the messages of people on other nodes. */
const renewEveryMs = 30_000

const { init, onMessage } = RedisAdapter.prototype
const { onRequest, processReceivedResponse } = HorizontalAdapter.prototype

RedisAdapter.prototype.init = async function () {
  const { redis } = this.server.options.adapter
  const options = { retryStrategy: () => 250, connectTimeout: 2000 }
  // Subscriptions wait for Redis. Events don't, because they would pile up.
  redis.redisSubOptions = { ...options, maxRetriesPerRequest: null, ...redis.redisSubOptions }
  redis.redisPubOptions = {
    ...options,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    ...redis.redisPubOptions,
  }
  this.requestsTimeout = Math.min(this.requestsTimeout, requestMs)
  this.announcements = `${this.channel}#nodes`
  /** How many announcements in a row were missed, of each node that is not lost. */
  this.missed = new Map()
  this.missedOwn = 0
  this.unknownUntil = 0
  await init.call(this)
  for (const client of [this.subClient, this.pubClient])
    client
      .removeAllListeners('error')
      .on('error', logError)
      .on('close', () => loseLink(this))
  setInterval(announce, announceEveryMs, this)
  // By then this node knows the others.
  await sleep(2 * announceEveryMs)
  return this
}

const isLinked = ({ missed, uuid }) => missed.has(uuid)

function announce(adapter) {
  const { uuid, isBehind } = adapter
  // Counts announcements and not time, because time also passes while this process is suspended.
  if (++adapter.missedOwn > mostMissed) reconnect(adapter)
  if (isLinked(adapter)) countMissed(adapter)
  else if (performance.now() - adapter.renewedAt > renewEveryMs) renewSockets(adapter)
  adapter.pubClient.publish(adapter.announcements, JSON.stringify({ uuid, isBehind })).catch(() => {})
}

/** Redis hangs, or the network does not say that a connection is lost. */
function reconnect(adapter) {
  adapter.missedOwn = 0
  loseLink(adapter)
  adapter.subClient.disconnect(true)
  adapter.pubClient.disconnect(true)
}

/** Events from or to other nodes may be lost from now on. */
function loseLink(adapter) {
  if (!adapter.isBehind) adapter.renewedAt = performance.now()
  adapter.isBehind = true
  adapter.missed.delete(adapter.uuid)
}

function countMissed(adapter) {
  for (const [node, count] of adapter.missed) {
    adapter.missed.set(node, count + 1)
    if (count < mostMissed || node === adapter.uuid) continue
    adapter.missed.delete(node)
    setUnknown(adapter, movingMs)
    setTimeout(forgetMembers, movingMs, adapter, node)
  }
}

/** Nobody announces that the lost node's people left presence channels. Their other members load the list again. */
function forgetMembers(adapter, node) {
  if (!adapter.missed.has(node)) renewSockets(adapter, ({ presence }) => presence.size > 0)
}

/** A node announced itself. If it was behind, sockets of all nodes may have missed events. */
function receiveAnnouncement(adapter, { uuid, isBehind }) {
  const isNew = !adapter.missed.has(uuid)
  adapter.missed.set(uuid, 0)
  if (isBehind) renewSockets(adapter)
  if (uuid !== adapter.uuid) return isNew && resync()
  adapter.missedOwn = 0
  adapter.isBehind = false
  if (isNew) {
    // The others have time to announce themselves too.
    for (const node of adapter.missed.keys()) adapter.missed.set(node, 0)
    setUnknown(adapter, joiningMs)
  }
}

/** For this time, the sockets of other nodes are unknown. */
function setUnknown(adapter, ms) {
  adapter.unknownUntil = Math.max(adapter.unknownUntil, performance.now() + ms)
  setTimeout(resync, ms)
}

/** Makes all sockets reconnect, the site's own first, because many streams depend on each of them. */
function renewSockets(adapter, isAffected = () => true) {
  adapter.renewedAt = performance.now()
  for (const { sockets } of adapter.getNamespaces().values()) {
    const ms = Math.min(sockets.size * renewalMs, longestRenewalMs)
    for (const ws of sockets.values()) {
      if (ws.guard.isRenewing || !isAffected(ws)) continue
      ws.guard.isRenewing = true
      clearTimeout(ws.guard.lifeTimer)
      // Not before the other nodes are back too.
      const delay = joiningMs / 2 + (isSite(ws) ? 0 : Math.random() * ms)
      ws.guard.lifeTimer = setTimeout(end, delay, ws, closeCodes.reconnect, 'Please reconnect.')
    }
  }
}

RedisAdapter.prototype.onMessage = function (pattern, channel, message) {
  const name = channel.toString()
  // Requests and responses arrive here too, and are handled by another listener.
  if (name === this.channel) onMessage.call(this, pattern, channel, message)
  else if (name === this.announcements) receiveAnnouncement(this, JSON.parse(message.toString()))
}

RedisAdapter.prototype.broadcastToChannel = function (channel, data) {
  this.pubClient.publish(channel, data).catch(() => loseLink(this))
}

/** The number of nodes that answer requests. Soketi asks Redis, which also counts suspended ones. */
RedisAdapter.prototype.getNumSub = async function () {
  return isLinked(this) ? this.missed.size : 1
}

// Otherwise each connection would ask all nodes for a number that Parley does not need.
RedisAdapter.prototype.getSocketsCount = LocalAdapter.prototype.getSocketsCount

// A node that the others do not count yet must not answer in the place of one that they do.
RedisAdapter.prototype.onRequest = function (...args) {
  if (isLinked(this)) onRequest.apply(this, args)
}

// A list without the sockets of a node that did not answer in time would make people absent.
const complete = [RequestType.CHANNELS_WITH_SOCKETS_COUNT, RequestType.CHANNEL_SOCKETS_COUNT]
RedisAdapter.prototype.processReceivedResponse = function (response, compute, resolve, isLate) {
  const request = this.requests.get(response.requestId)
  if (!isLate || !complete.includes(request.type))
    return processReceivedResponse.call(this, response, compute, resolve, isLate)
  this.requests.delete(response.requestId)
  request.reject(new Error('A node of Soketi did not answer.'))
}

// Answers 503 if other nodes could not be asked: the site then treats connections as unknown, and retries closing the
// sockets of a login session.
for (const method of ['channels', 'channel', 'terminateUserConnections']) {
  const handle = HttpHandler.prototype[method]
  HttpHandler.prototype[method] = function (res) {
    handle.call(isComplete(this.server.adapter.driver, res.query) ? this : incomplete(this), res)
  }
}

/** A search by prefix is the site's health check, for which it does not matter that a node is lost. */
const isComplete = (adapter, { filter_by_prefix }) =>
  !(adapter instanceof RedisAdapter) ||
  (isLinked(adapter) && (performance.now() > adapter.unknownUntil || Boolean(filter_by_prefix)))

const incomplete = (handler) =>
  Object.create(handler, {
    sendJson: {
      value: (res, data, status = '503 Service Unavailable') => handler.sendJson(res, data, status),
    },
  })

/** Does not wait for Redis, which may be away. */
RedisAdapter.prototype.disconnect = async function () {
  this.subClient.disconnect()
  this.pubClient.disconnect()
}
