import cluster from 'node:cluster'
import { env } from '@/lib/env'

// Imported on demand, because the primary process needs neither Next.js nor the database.
const isSeveral = env().PARLEY_PROCESSES > 1 && process.env.NODE_ENV !== 'development'
if (isSeveral && cluster.isPrimary) await import('./primary')
else await import('./server')
