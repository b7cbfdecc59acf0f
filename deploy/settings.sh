#!/bin/sh
# Prints settings for compose.yaml with new secrets: sh deploy/settings.sh chat.example.org > .env
# Keep them: with another AUTH_SECRET everyone has to log in again.
set -eu
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
cat <<END
PARLEY_DOMAIN=$1
AUTH_SECRET=$(secret)
POSTGRES_PASSWORD=$(secret)
PARLEY_DATABASE_PASSWORD=$(secret)
SOKETI_APP_ID=app-$(secret)
SOKETI_APP_KEY=key-$(secret)
SOKETI_APP_SECRET=secret-$(secret)
NEXT_SERVER_ACTIONS_ENCRYPTION_KEY=$(head -c 32 /dev/urandom | base64)
END
