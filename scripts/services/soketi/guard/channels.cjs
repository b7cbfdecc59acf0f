const { PresenceChannelManager } = require('@soketi/soketi/dist/channels/presence-channel-manager')
const { PrivateChannelManager } = require('@soketi/soketi/dist/channels/private-channel-manager')
const { PublicChannelManager } = require('@soketi/soketi/dist/channels/public-channel-manager')
const { Namespace } = require('@soketi/soketi/dist/namespace')
const { closeCodes, end } = require('./errors.cjs')

const refuseUnsigned = PrivateChannelManager.prototype.join

/** Checks the signature before reading anything else of the frame. Forgets the channel if the subscription fails. */
const signed = (join) =>
  async function (ws, channel, message) {
    const isSigned = await this.signatureIsValid(ws.app, ws.id, message, message.data.auth)
    const answer = await (isSigned ? join : refuseUnsigned).call(this, ws, channel, message)
    if (!answer.success) ws.guard.channels.delete(channel)
    return ws.guard.isClosed ? { ...answer, success: false } : answer
  }

PresenceChannelManager.prototype.join = signed(PresenceChannelManager.prototype.join)
// Soketi treats a subscription to a private channel as a sign-in, and then does not end the socket after 30 s. But only
// a socket that really signed in can be closed with its login session, so this uses the join of public channels.
PrivateChannelManager.prototype.join = signed(PublicChannelManager.prototype.join)

// Soketi continues with a frame after its socket has closed. The socket must not be added to Soketi's lists again.
for (const method of ['addSocket', 'addUser', 'addToChannel']) {
  const original = Namespace.prototype[method]
  Namespace.prototype[method] = function (ws, ...rest) {
    return ws.guard.isClosed ? Promise.resolve(0) : original.call(this, ws, ...rest)
  }
}

// Replaces Soketi's method, which searches the channels of all sockets each time one closes.
Namespace.prototype.removeSocket = async function (id) {
  for (const channel of this.sockets.get(id)?.guard.channels ?? []) this.removeFromChannel(id, channel)
  return this.sockets.delete(id)
}

// A socket has 30 s to sign in, so a client could get a sign-in authorized and send it after the login session has
// ended. This remembers ended users for a minute, and refuses their sockets that were opened before the end.
const endedAt = new Map()
const { addUser, terminateUserConnections } = Namespace.prototype

Namespace.prototype.terminateUserConnections = function (id) {
  const now = performance.now()
  endedAt.set(id, now)
  setTimeout(() => endedAt.get(id) === now && endedAt.delete(id), 60_000).unref()
  terminateUserConnections.call(this, id)
}

Namespace.prototype.addUser = function (ws) {
  if (endedAt.get(ws.user.id) >= ws.guard.openedAt)
    end(ws, closeCodes.notAuthorized, 'The login session has ended.')
  return addUser.call(this, ws)
}
