import { nginx } from './configurations'
import { testProxy } from './test-proxy'

testProxy('nginx', nginx)
