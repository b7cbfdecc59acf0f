const { WsHandler } = require('@soketi/soketi/dist/ws-handler')
const { Server } = require('@soketi/soketi/dist/server')

// Sends every socket a frame from time to time, so that clients notice when Soketi hangs. Without it each client sends a
// ping and gets an answer (lib/realtime/pusher-options.ts), which costs many times as much.

/** Shorter than the 9 s of silence after which clients ping. */
const everyMs = 8000
/** The sockets take turns, so that a message does not wait for all of them. */
const groups = 16
const frame = JSON.stringify({ event: 'pusher:pong', data: {} })

const { configureWebsockets } = Server.prototype
Server.prototype.configureWebsockets = async function (app) {
  let group = 0
  setInterval(() => app.publish(topic(group++ % groups), frame), everyMs / groups).unref()
  return configureWebsockets.call(this, app)
}

const topic = (group) => `heartbeat ${group}`
let opened = 0

const { onOpen } = WsHandler.prototype
WsHandler.prototype.onOpen = function (ws) {
  ws.subscribe(topic(opened++ % groups))
  onOpen.call(this, ws)
}

// Soketi sets a timer for each frame, and closes a socket that sends none for 120 s. uWebSockets itself pings a socket
// that is silent for that long, and closes it if there is no answer.
WsHandler.prototype.updateTimeout = () => {}
