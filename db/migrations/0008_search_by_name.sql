DROP INDEX "users_first_1";--> statement-breakpoint
DROP INDEX "users_first_2";--> statement-breakpoint
DROP INDEX "users_last_1";--> statement-breakpoint
DROP INDEX "users_last_2";--> statement-breakpoint
CREATE INDEX "users_first_name" ON "users" USING btree ((lower(first_name || ' ' || coalesce(last_name, '')) collate "C"),"username_key") WHERE removed_at is null and first_name is not null;--> statement-breakpoint
CREATE INDEX "users_last_name" ON "users" USING btree ((lower(last_name) collate "C"),"username_key") WHERE removed_at is null and last_name is not null;--> statement-breakpoint
CREATE INDEX "users_names" ON "users" USING btree ("id","username_key","search_text") WHERE removed_at is null;--> statement-breakpoint
-- By hand: changed in place, because building it takes long.
ALTER INDEX "users_search" SET (gin_pending_list_limit = 64);--> statement-breakpoint
SELECT gin_clean_pending_list('users_search');
