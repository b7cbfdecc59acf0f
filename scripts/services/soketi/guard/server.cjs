const { createHmac, timingSafeEqual } = require('node:crypto')
const { HttpHandler } = require('@soketi/soketi/dist/http-handler')
const { Server } = require('@soketi/soketi/dist/server')
const axios = require('axios')
const metrics = require('prom-client')
const { logError } = require('./errors.cjs')
const { maxFrameBytes } = require('./frames.cjs')

const { configureDiscovery, configureHttp, configureWebsockets, start } = Server.prototype
const { attachMiddleware, sendJson } = HttpHandler.prototype

Server.prototype.configureWebsockets = function (app) {
  const limits = {
    maxPayloadLength: maxFrameBytes,
    // Closes a socket that does not read. Otherwise uWebSockets silently drops the messages that do not fit.
    maxBackpressure: 256 * 1024,
    closeOnBackpressureLimit: true,
  }
  const ws = (path, handlers) =>
    app.ws(path, { ...handlers, ...limits, upgrade: catchErrors(handlers.upgrade) })
  return configureWebsockets.call(this, { ws })
}

Server.prototype.configureHttp = async function (app) {
  const route = (method) => (path, handler) => app[method](path, catchErrors(handler))
  await configureHttp.call(this, { get: route('get'), post: route('post'), any: route('any') })
  return app
}

/** Closes the request if its handler throws, because uWebSockets ends the process if a request gets no answer. */
const catchErrors = (handler) => (res, req, context) => {
  try {
    handler(res, req, context)
  } catch (error) {
    logError(error)
    res.close()
  }
}

// Checks the signature first, because Soketi reads a body of any length before it checks.
HttpHandler.prototype.attachMiddleware = function (res, middleware) {
  if (!middleware.includes(this.authMiddleware) || isSigned(this.server, res))
    return attachMiddleware.call(this, res, middleware)
  this.unauthorizedResponse(res, 'The secret authentication failed')
  return new Promise(() => {})
}

/** The signature covers method, path and query. The query contains a hash of the body, which Soketi checks later. */
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

// Soketi writes these headers first, and uWebSockets then answers 200 whatever the status is. They are for browsers, but
// only the site calls this API.
HttpHandler.prototype.corsMiddleware = (res, next) => next(null, res)

// Keeps the connection open. Soketi closes it after each answer, and opening one costs the site more than the call. It
// is still closed after an error, and after ten idle seconds.
HttpHandler.prototype.sendJson = function (res, data, errorStatus) {
  if (errorStatus) return sendJson.call(this, res, data, errorStatus)
  try {
    res.writeStatus('200 OK').writeHeader('Content-Type', 'application/json').end(JSON.stringify(data))
  } catch {
    // The connection is already closed.
  }
}

// Soketi opens a UDP port to the whole network to find other nodes, even if it is configured to have none.
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

/** From now on, logs uncaught errors instead of exiting: once Soketi listens, an error affects only one socket. */
function surviveErrors() {
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', logError).on('unhandledRejection', logError)
}

// Soketi measures its event loop a hundred times a second, even if its metrics are off.
const { collectDefaultMetrics } = metrics
metrics.collectDefaultMetrics = (options) =>
  collectDefaultMetrics({ ...options, eventLoopMonitoringPrecision: 1000 })

// Otherwise webhooks to a hanging site would pile up.
axios.defaults.timeout = 5000
