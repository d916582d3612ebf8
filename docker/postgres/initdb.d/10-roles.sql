-- Who may do what in PostgreSQL. Runs once, as the superuser, in the empty database that the services share.
-- Passwords are not here: 20-passwords.sql sets them from the secret files.

-- Owns the schema and changes it; used by the migration step alone.
create role migrator login noinherit;
-- Reads and writes rows; owns nothing, so it can't change the schema.
create role api login noinherit;
-- Reads rows.
create role intelligence login noinherit;
-- Sees figures and settings, no row of a table.
create role monitoring login connection limit 3;
grant pg_monitor to monitoring;
-- Copies the data files and the log of changes, and reads no row by SQL.
create role backup login replication connection limit 4;
grant pg_read_all_settings, pg_read_all_stats, pg_checkpoint to backup;

-- A statement that takes longer than its caller waits only holds a connection.
alter role api set statement_timeout = '2s';
alter role api set idle_in_transaction_session_timeout = '5s';
alter role intelligence set statement_timeout = '2s';
alter role intelligence set default_transaction_read_only = on;

alter database orders owner to migrator;
revoke all on database orders from public;
grant connect on database orders to api, intelligence, monitoring, backup;
revoke all on schema public from public;
grant usage on schema public to api, intelligence;
grant all on schema public to migrator;
