'use client'

import Link from 'next/link'
import { type MouseEvent, type RefObject, useState } from 'react'
import { createPortal } from 'react-dom'
import type { ConversationView, Message } from '@/lib/views'
import { Dialog } from './dialog'
import { rightsOf } from './message-rights'
import { messagePath, replyLink } from './permalink'
import { ReactionPicker } from './reaction-picker'
import type { SetReaction } from './reactions'
import { useJumps } from './use-jumps'
import { useKeys } from './use-keys'
import { useLongPress } from './use-long-press'
import { usePointedAt } from './use-pointed-at'

export type MessageActionsProps = {
  /** The element with the messages. */
  list: RefObject<HTMLElement | null>
  messages: Message[]
  conversation: ConversationView
  userId: string
  path: string
  /** The message that is being edited. */
  editedSeq?: number
  /** Answers a message in the composer. Undefined on a page without one. */
  reply?: (seq: number) => void
  setReaction: SetReaction
  edit: (seq: number) => void
  remove: (seq: number) => void
}

type Action = { name: string; icon: string; href: string; act?: () => void; isDanger?: boolean }

/**
 * What can be done with a message: a bar beside the one that is pointed at or focused, and a sheet after a long press.
 * Everything in them is also a link to a page that does the same.
 */
export default function MessageActions({ list, messages, ...props }: MessageActionsProps) {
  const { conversation, userId, path, editedSeq, reply, setReaction, edit, remove } = props
  const [openSeq, setOpen] = useState<number>()
  const [askedSeq, setAsked] = useState<number>()
  const [reactingSeq, setReacting] = useState<number>()
  const pointedAt = usePointedAt(list)
  useKeys(list)
  useJumps(list)
  useLongPress(list, setOpen)

  const find = (seq?: number) =>
    messages.find((one) => one.seq === seq && one.kind === 'said' && !one.deletedAt)
  const shown = pointedAt === editedSeq ? undefined : find(pointedAt)
  const opened = find(openSeq)
  const asked = find(askedSeq)
  const reacting = find(reactingSeq)
  const place = shown && document.querySelector(`#m${shown.seq} > .message`)
  const isAside = shown?.sender.id === userId && conversation.kind === 'direct'

  function actionsOf(message: Message): Action[] {
    const { seq } = message
    const rights = rightsOf(message, conversation, userId)
    const own = messagePath(path, seq)
    return [
      ...(rights.answer
        ? [
            {
              name: 'React',
              icon: icons.react,
              href: own,
              act: () => setReacting(seq),
            },
            {
              name: 'Reply',
              icon: icons.reply,
              href: replyLink(path, seq),
              act: reply && (() => answer(seq)),
            },
          ]
        : []),
      ...(rights.edit ? [{ name: 'Edit', icon: icons.edit, href: `${own}/edit`, act: () => edit(seq) }] : []),
      ...(rights.delete
        ? [
            {
              name: 'Delete',
              icon: icons.delete,
              href: `${own}/delete`,
              act: () => setAsked(seq),
              isDanger: true,
            },
          ]
        : []),
      { name: 'More', icon: icons.more, href: own },
    ]
  }
  function answer(seq: number) {
    reply?.(seq)
    document.getElementById('composer')?.focus()
  }

  return (
    <>
      {shown &&
        place &&
        createPortal(
          <div
            role="toolbar"
            aria-label="Message actions"
            className={`no-print appear border-line bg-raised absolute top-0 z-10 flex rounded-lg border ${isAside ? 'right-full mr-1' : 'left-full ml-1'}`}
          >
            {actionsOf(shown).map((action) => (
              <ActionLink
                key={action.name}
                action={action}
                className="hidden size-7 justify-center lg:inline-flex"
              >
                <span className="sr-only">{action.name}</span>
              </ActionLink>
            ))}
            <button
              type="button"
              tabIndex={-1}
              title="Message actions"
              className="text-muted hover:bg-wash inline-flex size-7 cursor-pointer items-center justify-center rounded-lg lg:hidden"
              onClick={() => setOpen(shown.seq)}
            >
              <Icon path={icons.more} />
              <span className="sr-only">Message actions</span>
            </button>
          </div>,
          place,
        )}
      {opened && (
        <Dialog
          label="Message actions"
          close={() => setOpen(undefined)}
          className="mx-auto mt-auto mb-0 w-full max-w-md rounded-t-2xl p-2 pb-4 md:mb-auto md:rounded-2xl md:pb-2"
        >
          {actionsOf(opened).map((action) => (
            <ActionLink
              key={action.name}
              action={action}
              className="flex min-h-12 gap-3 px-3"
              close={() => setOpen(undefined)}
            >
              {action.name}
            </ActionLink>
          ))}
        </Dialog>
      )}
      {reacting && (
        <ReactionPicker
          message={reacting}
          choose={(emoji, added) => setReaction(reacting.seq, emoji, added)}
          close={() => setReacting(undefined)}
        />
      )}
      {asked && (
        <Dialog
          label="Delete this message?"
          close={() => setAsked(undefined)}
          className="m-auto grid max-w-sm gap-4 rounded-2xl p-4"
        >
          <p className="font-semibold">Delete this message?</p>
          <p>Its text, earlier versions and reactions are removed for everyone. This cannot be undone.</p>
          <div className="flex justify-end gap-2">
            <button type="button" className="button" onClick={() => setAsked(undefined)}>
              Cancel
            </button>
            <button
              type="button"
              className="button button-danger"
              onClick={() => {
                remove(asked.seq)
                setAsked(undefined)
              }}
            >
              Delete message
            </button>
          </div>
        </Dialog>
      )}
    </>
  )
}

type ActionLinkProps = { action: Action; className: string; close?: () => void; children: React.ReactNode }

/** A link to the page that does it. A plain click does it here, if that is possible. */
function ActionLink({
  action: { name, icon, href, act, isDanger },
  className,
  close,
  children,
}: ActionLinkProps) {
  function onClick(event: MouseEvent) {
    if (!act || event.metaKey || event.ctrlKey || event.shiftKey) return
    event.preventDefault()
    close?.()
    act()
  }
  return (
    <Link
      href={href}
      prefetch={false}
      title={name}
      tabIndex={close ? undefined : -1}
      className={`hover:bg-wash items-center rounded-lg ${isDanger ? 'text-danger' : 'text-muted'} ${className}`}
      onClick={onClick}
    >
      <Icon path={icon} />
      {children}
    </Link>
  )
}

const Icon = ({ path }: { path: string }) => (
  <svg aria-hidden viewBox="0 0 24 24" className="size-4 fill-none stroke-current stroke-2">
    <path d={path} strokeLinecap="round" strokeLinejoin="round" />
  </svg>
)

const icons = {
  react: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.5a4.5 4.5 0 0 0 7 0M9 9.5h.01M15 9.5h.01',
  reply: 'M9 7 4 12l5 5M4 12h10a6 6 0 0 1 6 6v1',
  edit: 'm4 20 1-4L16 5l3 3L8 19l-4 1Z',
  delete: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13',
  more: 'M5 12h.5M12 12h.5M19 12h.5',
}
