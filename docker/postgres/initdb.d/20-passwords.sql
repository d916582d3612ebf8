-- Gives each role the password in its secret file. psql reads the file, so no password is in an argument, a variable of
-- the environment or, should a statement fail, in the server's log.
\set ON_ERROR_STOP on
set log_min_error_statement = panic;
-- The superuser needs none: whoever is the system user `postgres` in the container is let in without.
alter role postgres password null;
-- A missing or short one stops the start here, before there is a role without a password.
\! for role in migrator api intelligence monitoring backup; do p=$(cat /run/secrets/postgres_${role}_password); [ ${#p} -ge 22 ] || exit 1; done
\if :SHELL_ERROR
  do $$ begin raise exception 'A secret postgres_*_password is missing or too short. Expected: generated values of at least 22 characters. Make them with ./run secrets.'; end $$;
\endif
\set password `cat /run/secrets/postgres_migrator_password`
alter role migrator password :'password';
\set password `cat /run/secrets/postgres_api_password`
alter role api password :'password';
\set password `cat /run/secrets/postgres_intelligence_password`
alter role intelligence password :'password';
\set password `cat /run/secrets/postgres_monitoring_password`
alter role monitoring password :'password';
\set password `cat /run/secrets/postgres_backup_password`
alter role backup password :'password';
