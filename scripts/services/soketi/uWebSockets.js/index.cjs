// Soketi requires uWebSockets.js, which is not on the npm registry. uws-pack has its binaries, but only as an ES module
// without subpaths, so the binary for this machine is loaded by its path.
const { existsSync } = require('node:fs')
const { join } = require('node:path')

const file = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`
const binary = module.paths.map((dir) => join(dir, 'uws-pack/dist/bin', file)).find(existsSync)
if (!binary) throw new Error(`uws-pack has no ${file}`)
module.exports = require(binary)
