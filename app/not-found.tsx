import { Welcome } from './ui/welcome'

export default function NotFound() {
  return (
    <Welcome title="Page not found">
      <p>It does not exist, or you do not have access to it.</p>
      <p>
        <a href="/" className="link">
          Go to the home page
        </a>
      </p>
    </Welcome>
  )
}
