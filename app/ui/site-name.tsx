'use client'

import { createContext, type ReactNode, useContext } from 'react'

const SiteName = createContext('Parley')

export const SiteNameProvider = ({ value, children }: { value: string; children: ReactNode }) => (
  <SiteName value={value}>{children}</SiteName>
)

export const useSiteName = () => useContext(SiteName)
