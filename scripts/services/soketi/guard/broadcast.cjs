const { LocalAdapter } = require('@soketi/soketi/dist/adapters/local-adapter')

const userPrefix = '#server-to-user-'

// Sends the same text to all sockets of a channel. Soketi parses and serializes it again for each of them.
LocalAdapter.prototype.send = function (appId, channel, text, exceptId = null) {
  const { users, channels, sockets } = this.getNamespace(appId)
  const ids = channel.startsWith(userPrefix)
    ? users.get(channel.slice(userPrefix.length))
    : channels.get(channel)
  for (const id of ids ?? []) if (id !== exceptId) sendText(sockets.get(id), text)
}

function sendText(ws, text) {
  try {
    ws?.send(text)
  } catch {
    // It is already closed.
  }
}
