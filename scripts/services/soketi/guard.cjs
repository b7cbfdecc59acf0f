// Loaded into Soketi before it starts (node --require). Anyone can open a socket and send any frame, and one malformed
// frame stops Soketi for everybody. This guard passes on what Parley's clients send. Anything else ends only the socket
// that sent it.
const { createHmac, randomInt, timingSafeEqual } = require('node:crypto')
const { PresenceChannelManager } = require('@soketi/soketi/dist/channels/presence-channel-manager')
const { PrivateChannelManager } = require('@soketi/soketi/dist/channels/private-channel-manager')
const { PublicChannelManager } = require('@soketi/soketi/dist/channels/public-channel-manager')
const { HttpHandler } = require('@soketi/soketi/dist/http-handler')
const { Namespace } = require('@soketi/soketi/dist/namespace')
const { Server } = require('@soketi/soketi/dist/server')
const { WsHandler } = require('@soketi/soketi/dist/ws-handler')
const axios = require('axios')
const { addressKey, Tally } = require('./addresses.cjs')
const { Bucket, isChannel, maxChannels, maxFrameBytes, readFrame } = require('./frames.cjs')

const rate = { atOnce: 300, perSecond: 30 }
/** A socket ends within its last hour, so that those opened together do not all come back together. */
const maxLifeMs = Number(process.env.SOKETI_SOCKET_SECONDS || 24 * 60 * 60) * 1000

/** Sockets of one address, 0 for any number. A household, a school or an office often shares one. */
const sockets = new Tally(Number(process.env.SOKETI_SOCKETS_PER_ADDRESS || 2000))
/** Whether forwarded headers name the client's address, as TRUST_PROXY says it for the site. */
const trustsProxy = process.env.SOKETI_TRUST_PROXY === 'true'

// pusher-js stays away after 4000 to 4099, comes back a second later after 4100 to 4199, at once after 4200.
const refused = 4010
const notAuthorized = 4009
const tooMany = 4100
const comeBack = 4200

/** The site's own sockets sign in under such an id. Only the site can sign it. */
const isSite = (ws) => ws.user?.id.startsWith('site-') === true
/** The channel of a signed-in socket itself, to which pusher-js subscribes. */
const ownChannel = (ws) => ws.user && `#server-to-user-${ws.user.id}`

function end(ws, code, reason) {
  try {
    ws.end(code, reason)
  } catch {
    // It is closed already.
  }
}

// ── Sockets ──

const { onOpen, onMessage, onClose } = WsHandler.prototype

WsHandler.prototype.handleUpgrade = (res, req, context) => {
  const ip = addressKey(clientAddress(res, req))
  if (sockets.isFull(ip)) return res.writeStatus('429 Too Many Requests').end('', true)
  const headers = ['key', 'protocol', 'extensions'].map((name) => req.getHeader(`sec-websocket-${name}`))
  res.upgrade({ ip, appKey: req.getParameter(0) }, ...headers, context)
}

/** Of several forwarded addresses the last is the one that the proxy itself saw. */
function clientAddress(res, req) {
  const forwarded = trustsProxy && req.getHeader('x-forwarded-for')
  return forwarded ? forwarded.split(',').at(-1) : Buffer.from(res.getRemoteAddressAsText()).toString()
}

WsHandler.prototype.onOpen = function (ws) {
  sockets.add(ws.ip)
  const life = maxLifeMs * (1 - Math.random() / 24)
  ws.guard = {
    isClosed: false,
    openedAt: performance.now(),
    bucket: new Bucket(rate),
    /** The channels it is in or about to be in. */
    channels: new Set(),
    lifeTimer: setTimeout(end, life, ws, comeBack, 'Please reconnect.'),
  }
  onOpen.call(this, ws)
}

WsHandler.prototype.onMessage = function (ws, message, isBinary) {
  try {
    if (!isSite(ws) && !ws.guard.bucket.take()) return end(ws, tooMany, 'Too many frames.')
    const frame = isBinary ? undefined : readFrame(message)
    if (!frame || !ws.app) return end(ws, refused, 'That frame is not known here.')
    if (allows(ws, frame)) onMessage.call(this, ws, frame, false)
  } catch (error) {
    note(error)
    end(ws, refused, 'That frame could not be handled.')
  }
}

WsHandler.prototype.onClose = function (ws, code, message) {
  ws.guard.isClosed = true
  sockets.remove(ws.ip)
  clearTimeout(ws.guard.lifeTimer)
  clearTimeout(ws.userAuthenticationTimeout)
  // Soketi takes a close with 4200 for its own shutdown and keeps the socket in its channels, but clients can send it.
  onClose.call(this, ws, this.server.closing ? code : 1000, message)
}

// Math.random can be predicted, and a foreign login session could claim the ids to come (lib/realtime/authorize.ts).
WsHandler.prototype.generateSocketId = () => `${randomInt(1e10)}.${randomInt(1e10)}`

/** Whether Soketi gets the frame. A harmless one from a client that is a moment behind is dropped. */
function allows(ws, { event, channel, data }) {
  const { channels } = ws.guard
  if (event === 'pusher:subscribe') return maySubscribe(ws, data.channel)
  // Soketi would tell the site that the channel is empty, even to a socket that was never in it.
  if (event === 'pusher:unsubscribe') return channels.delete(data.channel)
  if (event === 'pusher:signin') return !ws.user
  if (event === 'client-typing') return mayType(ws, channel)
  return event === 'pusher:ping'
}

function maySubscribe(ws, channel) {
  const { channels } = ws.guard
  if (channels.has(channel)) return false
  if (channel !== ownChannel(ws)) {
    if (!isChannel(channel)) return refuseChannel(ws, channel, 'AuthError', 'There is no such channel.')
    if (channels.size - channels.has(ownChannel(ws)) >= maxChannels && !isSite(ws))
      return refuseChannel(ws, channel, 'LimitReached', `A socket has at most ${maxChannels} channels.`)
  }
  channels.add(channel)
  return true
}

function refuseChannel(ws, channel, type, error) {
  ws.sendJson({ event: 'pusher:subscription_error', channel, data: { type, error, status: 403 } })
  return false
}

function mayType(ws, channel) {
  if (!isChannel(channel) || !channel.startsWith('presence-'))
    end(ws, refused, 'Typing is for presence channels.')
  return ws.presence.has(channel)
}

// ── Channels ──

const refuseUnsigned = PrivateChannelManager.prototype.join

/** Checks the signature before anything that came with it is read, and forgets the channel if it does not open. */
const signed = (join) =>
  async function (ws, channel, message) {
    const isSigned = await this.signatureIsValid(ws.app, ws.id, message, message.data.auth)
    const answer = await (isSigned ? join : refuseUnsigned).call(this, ws, channel, message)
    if (!answer.success) ws.guard.channels.delete(channel)
    return ws.guard.isClosed ? { ...answer, success: false } : answer
  }

PresenceChannelManager.prototype.join = signed(PresenceChannelManager.prototype.join)
// Soketi counts a subscription to a private channel as a sign-in, and then never ends the socket after 30 s. Only a
// socket that signed in can be closed with its login session, so one that only subscribed must not stay.
PrivateChannelManager.prototype.join = signed(PublicChannelManager.prototype.join)

// Soketi goes on with a frame after its socket has closed. The socket must not get back into its lists.
for (const method of ['addSocket', 'addUser', 'addToChannel']) {
  const original = Namespace.prototype[method]
  Namespace.prototype[method] = function (ws, ...rest) {
    return ws.guard.isClosed ? Promise.resolve(0) : original.call(this, ws, ...rest)
  }
}

// Soketi would go through the channels of all sockets each time one closes.
Namespace.prototype.removeSocket = async function (id) {
  for (const channel of this.sockets.get(id)?.guard.channels ?? []) this.removeFromChannel(id, channel)
  return this.sockets.delete(id)
}

// A socket has 30 s to sign in. It could get its sign-in authorized, and send it only after the login session has ended.
const endedAt = new Map()
const { addUser, terminateUserConnections } = Namespace.prototype

Namespace.prototype.terminateUserConnections = function (id) {
  const now = performance.now()
  endedAt.set(id, now)
  setTimeout(() => endedAt.get(id) === now && endedAt.delete(id), 60_000).unref()
  terminateUserConnections.call(this, id)
}

Namespace.prototype.addUser = function (ws) {
  if (endedAt.get(ws.user.id) >= ws.guard.openedAt) end(ws, notAuthorized, 'The login session has ended.')
  return addUser.call(this, ws)
}

// ── Server ──

const { configureDiscovery, configureHttp, configureWebsockets, start } = Server.prototype
const { attachMiddleware, sendJson } = HttpHandler.prototype

Server.prototype.configureWebsockets = function (app) {
  const limits = {
    maxPayloadLength: maxFrameBytes,
    // A socket that does not read is closed. Without this, uWebSockets silently drops the messages that do not fit.
    maxBackpressure: 256 * 1024,
    closeOnBackpressureLimit: true,
  }
  const ws = (path, handlers) => app.ws(path, { ...handlers, ...limits, upgrade: answered(handlers.upgrade) })
  return configureWebsockets.call(this, { ws })
}

Server.prototype.configureHttp = async function (app) {
  const route = (method) => (path, handler) => app[method](path, answered(handler))
  await configureHttp.call(this, { get: route('get'), post: route('post'), any: route('any') })
  return app
}

/** Closes the request if its handler throws: uWebSockets ends the process if a request gets no answer. */
const answered = (handler) => (res, req, context) => {
  try {
    handler(res, req, context)
  } catch (error) {
    note(error)
    res.close()
  }
}

// Soketi reads a body of any length before it checks the signature.
HttpHandler.prototype.attachMiddleware = function (res, middleware) {
  if (!middleware.includes(this.authMiddleware) || isSigned(this.server, res))
    return attachMiddleware.call(this, res, middleware)
  this.unauthorizedResponse(res, 'The secret authentication failed')
  return new Promise(() => {})
}

// Soketi closes the connection after each answer, and opening one costs the site more than the call. An error's answer
// still closes it, as do ten seconds without a call.
HttpHandler.prototype.sendJson = function (res, data, errorStatus) {
  if (errorStatus) return sendJson.call(this, res, data, errorStatus)
  try {
    res.writeStatus('200 OK').writeHeader('Content-Type', 'application/json').end(JSON.stringify(data))
  } catch {
    // It is closed already.
  }
}

/** The signature is over method, path and query; the query holds the body's hash, which Soketi checks later. */
function isSigned({ options }, { method, url, query, params }) {
  const app = options.appManager.array.apps.find(({ id }) => String(id) === params.appId)
  if (!app) return false
  const { auth_signature, ...fields } = query
  const names = Object.keys(fields).sort()
  const text = [method, url, names.map((name) => `${name}=${fields[name]}`).join('&')].join('\n')
  const expected = createHmac('sha256', String(app.secret)).update(text).digest()
  const given = Buffer.from(String(auth_signature), 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}

// Soketi opens a UDP port to the whole network to find other nodes, even when it is configured to have none.
Server.prototype.configureDiscovery = function () {
  return this.options.adapter.driver === 'cluster' ? configureDiscovery.call(this) : Promise.resolve()
}

Server.prototype.start = function () {
  return start.call(this, () => {
    if (!this.serverProcess) {
      console.error(`Soketi cannot listen at ${this.options.host}, port ${this.options.port}.`)
      process.exit(1)
    }
    surviveErrors()
  })
}

/** An error at start still ends Soketi. Once it listens, an error comes from one socket, and the others go on. */
function surviveErrors() {
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', note).on('unhandledRejection', note)
}

// Webhooks to a site that hangs must not pile up.
axios.defaults.timeout = 5000

const notes = new Bucket({ atOnce: 20, perSecond: 0.2 })

/** Logs an error, but not often: a visitor may cause it on purpose. */
function note(error) {
  if (notes.take()) console.error(String(error?.stack ?? error).slice(0, 1000))
}
