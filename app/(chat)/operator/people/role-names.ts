import type { Role } from '@/lib/roles'

export const roleNames: Record<Role, string> = {
  person: 'Ordinary',
  moderator: 'Moderator',
  operator: 'Operator',
}
