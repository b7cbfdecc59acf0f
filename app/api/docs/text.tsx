export const Code = ({ children }: { children: string }) => (
  <code className="bg-wash rounded px-1 font-mono text-[0.92em]">{children}</code>
)

/** A sentence whose `code` is marked as in Markdown. */
export const Text = ({ children }: { children: string }) =>
  // biome-ignore lint/suspicious/noArrayIndexKey: the parts never change
  children.split('`').map((part, index) => (index % 2 ? <Code key={index}>{part}</Code> : part))

/** Commands to copy: a line breaks only on the screen. */
export const Shell = ({ children }: { children: string }) => (
  <pre className="border-line bg-raised rounded-lg border p-3 font-mono text-sm whitespace-pre-wrap">
    <code>{children}</code>
  </pre>
)
