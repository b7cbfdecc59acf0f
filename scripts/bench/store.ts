import postgres from 'postgres'

/** Stores the messages of the servers that Parley is compared with, in two tables of their own in the same database. */
export async function openStore() {
  const sql = postgres(process.env.DATABASE_URL ?? '', { max: 10, onnotice: () => {} })
  await sql.unsafe(`
    create schema if not exists bench;
    create table if not exists bench.conversations (id uuid primary key, last_seq bigint not null default 0);
    create table if not exists bench.messages (
      conversation_id uuid not null, seq bigint not null, sender_id uuid not null,
      body text not null, nonce text not null, created_at timestamptz not null default now(),
      primary key (conversation_id, seq)
    )`)
  return {
    /** Stores a message with its conversation's next `seq`: one prepared statement with a durable commit. */
    async add({ conversationId, senderId, body, nonce }: Draft) {
      const [row] = await sql`
        with next as (
          insert into bench.conversations values (${conversationId}, 1)
          on conflict (id) do update set last_seq = conversations.last_seq + 1 returning last_seq
        )
        insert into bench.messages (conversation_id, seq, sender_id, body, nonce)
        select ${conversationId}, last_seq, ${senderId}, ${body}, ${nonce} from next returning seq, created_at`
      return { conversationId, senderId, body, nonce, seq: Number(row?.seq), createdAt: row?.created_at }
    },
  }
}

export interface Draft {
  conversationId: string
  senderId: string
  body: string
  nonce: string
}
