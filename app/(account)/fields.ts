import type { Field } from '@/app/ui/form'
import type { SiteSettings } from '@/lib/site-settings'

type Profile = { firstName: string | null; lastName: string | null; gender: number }

// ISO/IEC 5218
const genders = [
  ['0', 'Prefer not to say'],
  ['1', 'Male'],
  ['2', 'Female'],
  ['9', 'Not applicable'],
] as const

/** The fields of a profile, for the registration and the settings. */
export const profileFields = (profile?: Profile): Field[] => [
  {
    name: 'firstName',
    label: 'First name (optional)',
    autoComplete: 'given-name',
    value: profile?.firstName ?? '',
  },
  {
    name: 'lastName',
    label: 'Last name (optional)',
    autoComplete: 'family-name',
    value: profile?.lastName ?? '',
  },
  { name: 'gender', label: 'Gender (optional)', options: genders, value: String(profile?.gender ?? 0) },
]

export const currentPassword: Field = {
  name: 'currentPassword',
  label: 'Current password',
  type: 'password',
  autoComplete: 'current-password',
}

/** The fields of a new account. */
export const accountFields: Field[] = [
  {
    name: 'username',
    label: 'Username',
    autoComplete: 'username',
    hint: '3 to 32 letters, digits, _, - or . Others can find you by it.',
  },
  {
    name: 'password',
    label: 'Password',
    type: 'password',
    autoComplete: 'new-password',
    hint: 'At least 8 characters.',
  },
  ...profileFields(),
]

/** The settings that the site's first operator is asked for. */
export const firstSettingFields = ({
  siteName,
  registration,
  guests,
}: Pick<SiteSettings, 'siteName' | 'registration' | 'guests'>): Field[] => [
  {
    name: 'siteName',
    label: 'Name of the site',
    hint: 'At most 40 characters. It is shown in titles and on the first page.',
    value: siteName,
  },
  {
    name: 'registration',
    label: 'New accounts',
    options: [
      ['open', 'Everyone can register'],
      ['link', 'Only with a link'],
      ['closed', 'Nobody can register'],
    ],
    value: registration,
  },
  {
    name: 'guests',
    label: 'Guests',
    options: [
      ['on', 'Can come in without a password'],
      ['off', 'Not allowed'],
    ],
    value: guests ? 'on' : 'off',
  },
]

/** A password without a current one. */
export const firstPasswordFields: Field[] = [
  {
    name: 'newPassword',
    label: 'New password',
    type: 'password',
    autoComplete: 'new-password',
    hint: 'At least 8 characters.',
  },
]
