#!/bin/sh
# Run by the image of PostgreSQL when its volume is new: creates the site's database, with an owner who has no other
# rights.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --set password="$PARLEY_DATABASE_PASSWORD" <<'END'
create role parley login password :'password';
create database parley owner parley;
END
