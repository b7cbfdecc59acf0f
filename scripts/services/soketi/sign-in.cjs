// Soketi takes a subscription to a private channel for a sign-in, and stops its clock of 30 s. Here only a
// socket that signed in can be closed with its login session: one that merely subscribed must not stay.
const { PrivateChannelManager } = require('@soketi/soketi/dist/channels/private-channel-manager')
const { PublicChannelManager } = require('@soketi/soketi/dist/channels/public-channel-manager')

const original = PrivateChannelManager.prototype.join

PrivateChannelManager.prototype.join = async function join(ws, channel, message) {
  const isSigned = await this.signatureIsValid(ws.app, ws.id, message, message?.data?.auth)
  // The original refuses what is not signed, and stops the clock otherwise.
  return (isSigned ? PublicChannelManager.prototype.join : original).call(this, ws, channel, message)
}
