/** A token bucket: allows `atOnce` at once, and `perSecond` in the long run. */
class Bucket {
  constructor({ atOnce, perSecond }, now = performance.now()) {
    Object.assign(this, { atOnce, perSecond, left: atOnce, at: now })
  }

  /** Takes one token. @returns whether there was one */
  take(now = performance.now()) {
    this.left = Math.min(this.atOnce, this.left + ((now - this.at) / 1000) * this.perSecond)
    this.at = now
    if (this.left < 1) return false
    this.left -= 1
    return true
  }
}

module.exports = { Bucket }
