CREATE TABLE "sockets" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"login_session_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
-- By hand: unlogged, because a row is only true while its process renews it.
CREATE UNLOGGED TABLE "streams" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"address" text NOT NULL,
	"until" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "sockets_age" ON "sockets" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "streams_user" ON "streams" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "streams_address" ON "streams" USING btree ("address");--> statement-breakpoint
CREATE INDEX "streams_until" ON "streams" USING btree ("until");