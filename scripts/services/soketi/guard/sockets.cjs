const { randomInt } = require('node:crypto')
const { WsHandler } = require('@soketi/soketi/dist/ws-handler')
const { addressKey, Tally } = require('./addresses.cjs')
const { Bucket } = require('./bucket.cjs')
const { closeCodes, end, logError } = require('./errors.cjs')
const { isChannel, readFrame } = require('./frames.cjs')

const frameRate = { atOnce: 300, perSecond: 30 }
const maxChannels = 200
/** A socket is ended in the last hour of this time, so that sockets opened together do not all reconnect together. */
const maxLifeMs = Number(process.env.SOKETI_SOCKET_SECONDS || 24 * 60 * 60) * 1000
/** Open sockets per address; 0 means no limit. It is high because a school or an office often shares one address. */
const socketsPerAddress = new Tally(Number(process.env.SOKETI_SOCKETS_PER_ADDRESS || 2000))
/** Whether forwarded headers name the client's address, as the site's TRUST_PROXY. */
const trustsProxy = process.env.SOKETI_TRUST_PROXY === 'true'

/** Whether the socket is the site's own: only the site can sign such an id. */
const isSite = (ws) => ws.user?.id.startsWith('site-') === true
/** The channel of a signed-in user, to which pusher-js subscribes by itself. */
const userChannel = (ws) => ws.user && `#server-to-user-${ws.user.id}`

const { onOpen, onMessage, onClose } = WsHandler.prototype

WsHandler.prototype.handleUpgrade = (res, req, context) => {
  const ip = addressKey(clientAddress(res, req))
  if (socketsPerAddress.isFull(ip)) return res.writeStatus('429 Too Many Requests').end('', true)
  const headers = ['key', 'protocol', 'extensions'].map((name) => req.getHeader(`sec-websocket-${name}`))
  res.upgrade({ ip, appKey: req.getParameter(0) }, ...headers, context)
}

/** If there are several forwarded addresses, only the last one was added by the proxy itself. */
function clientAddress(res, req) {
  const forwarded = trustsProxy && req.getHeader('x-forwarded-for')
  return forwarded ? forwarded.split(',').at(-1) : Buffer.from(res.getRemoteAddressAsText()).toString()
}

WsHandler.prototype.onOpen = function (ws) {
  socketsPerAddress.add(ws.ip)
  const life = maxLifeMs * (1 - Math.random() / 24)
  ws.guard = {
    isClosed: false,
    openedAt: performance.now(),
    bucket: new Bucket(frameRate),
    /** The channels to which the socket is subscribed or is just subscribing. */
    channels: new Set(),
    lifeTimer: setTimeout(end, life, ws, closeCodes.reconnect, 'Please reconnect.'),
  }
  onOpen.call(this, ws)
}

WsHandler.prototype.onMessage = function (ws, message, isBinary) {
  try {
    if (!isSite(ws) && !ws.guard.bucket.take()) return end(ws, closeCodes.tooMany, 'Too many frames.')
    const frame = isBinary ? undefined : readFrame(message)
    if (!frame || !ws.app) return end(ws, closeCodes.refused, 'Unknown frame.')
    if (allows(ws, frame)) onMessage.call(this, ws, frame, false)
  } catch (error) {
    logError(error)
    end(ws, closeCodes.refused, 'The frame could not be handled.')
  }
}

WsHandler.prototype.onClose = function (ws, code, message) {
  ws.guard.isClosed = true
  socketsPerAddress.remove(ws.ip)
  clearTimeout(ws.guard.lifeTimer)
  clearTimeout(ws.userAuthenticationTimeout)
  // After a close with 4200, Soketi assumes that it is shutting down and keeps the socket in its channels. A client can
  // send this code too, so Soketi gets it only if it really is closing.
  onClose.call(this, ws, this.server.closing ? code : 1000, message)
}

// Soketi uses Math.random, which can be predicted. A foreign login session could then claim socket ids in advance
// (lib/realtime/authorize.ts).
WsHandler.prototype.generateSocketId = () => `${randomInt(1e10)}.${randomInt(1e10)}`

/** Whether Soketi gets the frame. Drops harmless frames of a client whose state is out of date. */
function allows(ws, { event, channel, data }) {
  const { channels } = ws.guard
  if (event === 'pusher:subscribe') return maySubscribe(ws, data.channel)
  // Otherwise Soketi would report the channel as empty to the site, even if the socket was never subscribed to it.
  if (event === 'pusher:unsubscribe') return channels.delete(data.channel)
  if (event === 'pusher:signin') return !ws.user
  if (event === 'client-typing') return mayType(ws, channel)
  return event === 'pusher:ping'
}

function maySubscribe(ws, channel) {
  const { channels } = ws.guard
  if (channels.has(channel)) return false
  if (channel !== userChannel(ws)) {
    if (!isChannel(channel)) return refuseChannel(ws, channel, 'AuthError', 'There is no such channel.')
    if (channels.size - channels.has(userChannel(ws)) >= maxChannels && !isSite(ws))
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
    end(ws, closeCodes.refused, 'Typing is for presence channels.')
  return ws.presence.has(channel)
}

module.exports = { isSite }
