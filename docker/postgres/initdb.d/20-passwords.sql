-- Gives each role the password in its secret file. psql reads the file, so no password is in an argument, a variable of
-- the environment or, should a statement fail, in the server's log.
\set ON_ERROR_STOP on
set log_min_error_statement = panic;
-- The superuser needs none: whoever is the system user `postgres` in the container is let in without.
alter role postgres password null;
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
