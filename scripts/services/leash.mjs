// Loaded into every Node.js process that the launcher starts. Its standard input is a pipe to which the launcher never
// writes. When the pipe closes, the launcher has ended, so this process ends as well.
const end = () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 4000).unref()
}
process.stdin.on('error', end).on('close', end).resume()
// A process that has finished its work must not be kept alive by the pipe.
process.stdin.unref?.()
