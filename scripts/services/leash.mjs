// Loaded into every Node.js process the launcher starts, whose standard input is a pipe the launcher
// never writes to: when the pipe closes, the launcher is gone, and so should we be.
const leave = () => {
  process.kill(process.pid, 'SIGTERM')
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 4000).unref()
}
process.stdin.on('error', leave).on('close', leave).resume()
// Waiting for the pipe must not keep a process alive that has nothing left to do.
process.stdin.unref?.()
