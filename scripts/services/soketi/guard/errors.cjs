const { Bucket } = require('./bucket.cjs')

// After 4000 to 4099, pusher-js does not reconnect. After 4100 to 4199 it does so a second later, after 4200 at once.
const closeCodes = { notAuthorized: 4009, refused: 4010, tooMany: 4100, reconnect: 4200 }

/** Ends a socket with one of the close codes. */
function end(ws, code, reason) {
  try {
    ws.end(code, reason)
  } catch {
    // It is already closed.
  }
}

const logBucket = new Bucket({ atOnce: 20, perSecond: 0.2 })

/** Logs an error, at a limited rate because a client may cause errors on purpose. */
function logError(error) {
  if (logBucket.take()) console.error(String(error?.stack ?? error).slice(0, 1000))
}

module.exports = { closeCodes, end, logError }
