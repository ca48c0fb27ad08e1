-- Two roles for Callboard on PostgreSQL: one owns the tables and moves the schema up (callboard migrate), the other is
-- the server's and can do no more than read and write rows. Run it with psql as a superuser, in the database of Callboard:
--
--   createdb callboard
--   psql -d callboard -v ON_ERROR_STOP=1 -f roles.sql
--
-- and set passwords with \password, or use another way of authentication.

CREATE ROLE callboard_owner LOGIN;
CREATE ROLE callboard_server LOGIN;

-- A schema of its own: nobody else makes objects there that a function would take for ours.
CREATE SCHEMA callboard AUTHORIZATION callboard_owner;
ALTER ROLE callboard_owner SET search_path = callboard;
ALTER ROLE callboard_server SET search_path = callboard;
GRANT USAGE ON SCHEMA callboard TO callboard_server;

ALTER DEFAULT PRIVILEGES FOR ROLE callboard_owner IN SCHEMA callboard GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO callboard_server;

-- Partitions of days are made and dropped by functions that run with the owner's rights.
ALTER DEFAULT PRIVILEGES FOR ROLE callboard_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE callboard_owner IN SCHEMA callboard GRANT EXECUTE ON FUNCTIONS TO callboard_server;
