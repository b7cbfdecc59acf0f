import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface ProxyOptions {
  /** For the configuration and everything that the proxy writes. */
  folder: string
  httpPort: number
  httpsPort: number
  /** Each as host:port. */
  sites: string[]
  soketi: string
}

/** Writes the proxy's configuration for this machine. @returns the command that starts it */
export type Configure = (options: ProxyOptions) => string[]

export const nginx: Configure = ({ folder, httpPort, httpsPort, sites, soketi }) => {
  const [certificate, key] = makeCertificate(folder)
  const parley = adapt('deploy/nginx.conf', [
    [/ *listen \[::\].*\n/g, ''],
    ['listen 80;', `listen 127.0.0.1:${httpPort};`],
    ['listen 443 ', `listen 127.0.0.1:${httpsPort} `],
    [/server_name .*;/g, 'server_name 127.0.0.1;'],
    [/ssl_certificate .*;/, `ssl_certificate ${certificate};`],
    [/ssl_certificate_key .*;/, `ssl_certificate_key ${key};`],
    [/server 127.0.0.1:3000(.*;)/, sites.map((site) => `server ${site}$1`).join(' ')],
    ['127.0.0.1:6001', soketi],
    [/\/var\/log\/nginx/g, folder],
  ])
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  const file = join(folder, 'nginx.conf')
  // Debian's configuration turns compression on.
  writeFileSync(
    file,
    `daemon off; pid ${folder}/nginx.pid; error_log stderr; events {}
     http { access_log off; gzip on; ${temporary.join(' ')}\n${parley} }`,
  )
  return ['nginx', '-p', folder, '-c', file]
}

export const caddy: Configure = ({ folder, httpPort, httpsPort, sites, soketi }) => {
  const [certificate, key] = makeCertificate(folder)
  const parley = adapt('deploy/Caddyfile', [['} {', `} {\n\ttls ${certificate} ${key}`]])
  const file = join(folder, 'Caddyfile')
  writeFileSync(
    file,
    `{
       admin off
       log {
         level ERROR
       }
       default_bind 127.0.0.1
       http_port ${httpPort}
       https_port ${httpsPort}
     }
     ${parley}`,
  )
  return [
    'env',
    `XDG_CONFIG_HOME=${folder}`,
    `XDG_DATA_HOME=${folder}`,
    'PARLEY_DOMAIN=127.0.0.1',
    `PARLEY_SITES=${sites.join(' ')}`,
    `PARLEY_SOKETIS=${soketi}`,
    'caddy',
    'run',
    '--config',
    file,
    '--adapter',
    'caddyfile',
  ]
}

/** Reads a configuration that we ship, with these replacements. @throws if it does not contain one of them */
function adapt(file: string, replacements: [RegExp | string, string][]) {
  return replacements.reduce(
    (text, [part, replacement]) => {
      const changed = text.replace(part, replacement)
      if (changed === text) throw new Error(`${file} does not contain ${part}.`)
      return changed
    },
    readFileSync(file, 'utf8'),
  )
}

function makeCertificate(folder: string) {
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')]
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1']
  const output = ['-keyout', key, '-out', certificate]
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...output], {
    stdio: 'ignore',
  })
  return [certificate, key]
}
