export default function HomePage() {
  return <h1>Parley</h1>
}
