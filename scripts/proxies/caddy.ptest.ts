import { caddy } from './configurations'
import { testProxy } from './test-proxy'

testProxy('caddy', caddy)
