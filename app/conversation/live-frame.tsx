/** Without JavaScript, a frame in which the live page shows new messages (live-page.tsx). */
export const LiveFrame = ({ path, after }: { path: string; after: number }) => (
  <noscript>
    <div className="border-line border-t">
      <iframe src={`${path}/live?after=${after}`} title="New messages" className="h-40 w-full" />
      <p className="px-4 text-sm">
        <a href={path} className="link">
          Refresh
        </a>{' '}
        <span className="text-muted">if new messages stop appearing.</span>
      </p>
    </div>
  </noscript>
)
