import 'server-only'
import { and, eq, lt, sql } from 'drizzle-orm'
import ipaddr from 'ipaddr.js'
import { database } from '@/db/connection'
import { knownAddresses } from '@/db/schema'

/**
 * The key under which an address is counted: an IPv6 address by its /64, because a household usually has a whole one,
 * and IPv4 in IPv6 as IPv4. Undefined for an invalid address.
 */
export function addressKey(address: string | null) {
  const parsed = parse(address)
  return parsed instanceof ipaddr.IPv6 ? prefixOf(parsed, 64) : parsed?.toString()
}

/** The /48 of an IPv6 address, because one customer may hold all of its /64s. Undefined for any other address. */
export function networkKey(address: string | null) {
  const parsed = parse(address)
  return parsed instanceof ipaddr.IPv6 ? prefixOf(parsed, 48) : undefined
}

const parse = (address: string | null) =>
  address && ipaddr.isValid(address) ? ipaddr.process(address) : undefined

function prefixOf({ parts }: ipaddr.IPv6, bits: 48 | 64) {
  const hexadecimal = parts.slice(0, bits / 16).map((part) => part.toString(16))
  return `${hexadecimal.join(':')}::/${bits}`
}

/** Records that the person has logged in with their password from the address. */
export async function rememberAddress(userId: string, from: string | null) {
  const address = addressKey(from)
  if (!address) return
  await database()
    .insert(knownAddresses)
    .values({ userId, address })
    .onConflictDoUpdate({
      target: [knownAddresses.userId, knownAddresses.address],
      set: { lastSeenAt: sql`now()` },
    })
}

export async function isKnownAddress(userId: string, from: string | null) {
  const address = addressKey(from)
  const here = address && and(eq(knownAddresses.userId, userId), eq(knownAddresses.address, address))
  return here ? (await database().$count(knownAddresses, here)) > 0 : false
}

export const forgetOldAddresses = () =>
  database().delete(knownAddresses).where(lt(knownAddresses.lastSeenAt, sql`now() - interval '90 days'`))
