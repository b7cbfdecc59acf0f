DROP INDEX "users_username_key";--> statement-breakpoint
ALTER TABLE "memberships" ADD COLUMN "present_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "removed_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "memberships_present" ON "memberships" USING btree ("present_until") WHERE present_until is not null;--> statement-breakpoint
CREATE INDEX "users_guests" ON "users" USING btree ("created_at") WHERE password_hash is null and removed_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "users_username_key" ON "users" USING btree ("username_key") WHERE removed_at is null;--> statement-breakpoint
INSERT INTO "conversations" ("kind", "name") VALUES ('room', 'lobby') ON CONFLICT DO NOTHING;
