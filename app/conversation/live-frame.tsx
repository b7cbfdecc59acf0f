type Props = { path: string; after: number; since: number }

/** Without JavaScript, a frame in which the live page shows what is new (live-page.tsx). */
export const LiveFrame = ({ path, after, since }: Props) => (
  <noscript>
    <div className="border-line border-t">
      <iframe
        src={`${path}/live?after=${after}&since=${since}`}
        title="New messages"
        className="h-40 w-full"
      />
      <p className="px-4 text-sm">
        <a href={path} className="link">
          Refresh
        </a>{' '}
        <span className="text-muted">if new messages stop appearing.</span>
      </p>
    </div>
  </noscript>
)
