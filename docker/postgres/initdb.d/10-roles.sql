-- Who may do what in PostgreSQL. Runs once, as the superuser, in the empty database that the services share.
-- Passwords are not here: they are set from the secret files right after this script.

-- Owns the schema and changes it; used by the migration step alone.
create role migrator login noinherit;
-- Reads and writes rows; owns nothing, so it can't change the schema.
create role api login noinherit;
-- Reads rows.
create role intelligence login noinherit;

-- A statement that takes longer than its caller waits only holds a connection.
alter role api set statement_timeout = '2s';
alter role api set idle_in_transaction_session_timeout = '5s';
alter role intelligence set statement_timeout = '2s';
alter role intelligence set default_transaction_read_only = on;

alter database orders owner to migrator;
revoke all on database orders from public;
grant connect on database orders to api, intelligence;
revoke all on schema public from public;
grant usage on schema public to api, intelligence;
grant all on schema public to migrator;
