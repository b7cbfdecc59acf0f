import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import postgres, { type Sql } from 'postgres'
import { migrateDatabase } from '@/db/migrate'
import type { EnvSource } from '@/lib/env'
import { DataFolder } from '../data-folder'
import { Parley } from '../parley'
import { freePort } from '../ports'
import { loadSecrets } from '../secrets'
import { Service } from '../supervisor'
import { removeDataDir, temporaryEnv } from '../temporary'
import { folderOf } from './install'
import { adminUrl, postgres as postgresService } from './postgres'

// Makes a data folder as an earlier version did, and then starts this version on it.

let env: EnvSource
let parley: Parley
let site: Sql
let admin: Sql

const open = (url: string) => postgres(url, { max: 1, onnotice: () => {} })

before(async () => {
  env = await temporaryEnv()
  await makeOldDataFolder(String(env.PARLEY_DATA_DIR))
  await start()
})

after(async () => {
  await stop()
  removeDataDir(String(env.PARLEY_DATA_DIR))
})

/** The earlier version: the site connected as the superuser, so everything belongs to the superuser. */
async function makeOldDataFolder(path: string) {
  const folder = new DataFolder(path)
  const password = loadSecrets(path).postgresPassword
  const [port, say] = [await freePort(), () => {}]
  const packages = folderOf('postgres')
  const service = new Service(
    postgresService({ packages, dataDir: path, logDir: folder.logs, port, password, processes: 1, say }),
    { say },
  )
  await service.start()
  await migrateDatabase(adminUrl(port, password))
  const sql = open(adminUrl(port, password))
  await sql`insert into users (username) values ('ada')`
  // Kinds of objects that Parley itself does not have yet.
  await sql.unsafe(`create sequence loose; create type mood as enum ('calm'); create view names as select username from users;
    create function one() returns int language sql as 'select 1'; create schema "another one"`)
  await sql.end()
  await service.stop()
}

async function start() {
  parley = new Parley({ site: 'none', soketi: false, env, say: () => {} })
  await parley.start()
  site = open(String(parley.env.DATABASE_URL))
  const { postgresPassword } = loadSecrets(parley.dataDir)
  admin = open(adminUrl(Number(new URL(String(parley.env.DATABASE_URL)).port), postgresPassword))
}

async function stop() {
  await Promise.all([site?.end(), admin?.end()])
  await parley?.stop()
}

test("the site's role is not a superuser and has no rights beyond its database", async () => {
  const [role] = await site`
    select rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls,
      (select count(*)::int from pg_auth_members where member = pg_roles.oid) as memberships
    from pg_roles where rolname = current_user`
  assert.deepEqual(
    { ...role },
    {
      rolname: 'parley_site',
      rolsuper: false,
      rolcreatedb: false,
      rolcreaterole: false,
      rolreplication: false,
      rolbypassrls: false,
      memberships: 0,
    },
  )
})

test('it cannot read files of the server, run programs there, or create roles', async () => {
  const version = join(parley.dataDir, 'postgres/PG_VERSION')
  for (const statement of [
    `select pg_read_file('PG_VERSION')`,
    `copy users (username) from '${version}'`,
    `copy users (username) to program 'cat'`,
    'create role another superuser',
    'alter role parley_site superuser',
    'create database another',
    'set role parley',
    `alter system set log_statement = 'all'`,
    'select rolpassword from pg_authid',
  ])
    await assert.rejects(site.unsafe(statement), { code: '42501' }, statement)
  assert.equal((await admin`select pg_read_file('PG_VERSION')`).length, 1, 'the superuser may')
})

test('it owns everything in the old database, and can change it as migrations do', async () => {
  assert.deepEqual([...(await site`select username from users`)], [{ username: 'ada' }])
  const owned = await admin`
    select relname as name from pg_class where relowner = 'parley'::regrole and relkind in ('r', 'v', 'S')
      and relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`
  assert.deepEqual([...owned], [])
  await site.unsafe(`alter table messages add column tested int; create index tested on messages (tested);
    drop index tested; alter table messages drop column tested; alter sequence loose increment 2;
    alter type mood add value 'cross'; drop view names; drop function one(); drop schema "another one";
    alter sequence drizzle.__drizzle_migrations_id_seq restart; truncate leases`)
})

test('the next start works although nothing is left to hand over', async () => {
  await stop()
  await start()
  assert.equal((await site`select from users`).length, 1)
})
