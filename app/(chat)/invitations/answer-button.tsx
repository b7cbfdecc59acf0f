import { ButtonForm } from '@/app/ui/button-form'
import { answer } from './actions'

const labels = { accept: 'Accept', reject: 'Reject', withdraw: 'Withdraw' }

/** A button that answers an invitation. `name` is the other person's. */
export function AnswerButton(props: { id: string; name: string; answer: keyof typeof labels }) {
  return (
    <ButtonForm
      action={answer}
      values={{ id: props.id, answer: props.answer }}
      className={props.answer === 'accept' ? 'button-primary' : ''}
      about={` ${props.name}`}
    >
      {labels[props.answer]}
    </ButtonForm>
  )
}
