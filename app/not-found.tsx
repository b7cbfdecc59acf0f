import { Welcome } from './ui/welcome'

export default function NotFound() {
  return (
    <Welcome title="There is nothing here">
      <p>The page does not exist, or it is not yours to see.</p>
      <p>
        <a href="/" className="link">
          Go to the first page
        </a>
      </p>
    </Welcome>
  )
}
