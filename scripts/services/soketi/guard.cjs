// Loaded into Soketi before it starts (node --require). Anyone can open a socket and send any frame, and one malformed
// frame stops Soketi for everybody. The guard passes on only what Parley's clients send. Anything else ends only the
// socket that sent it.
require('./guard/server.cjs')
require('./guard/sockets.cjs')
require('./guard/channels.cjs')
require('./guard/webhooks.cjs')
require('./guard/heartbeat.cjs')
require('./guard/broadcast.cjs')
require('./guard/redis.cjs')
