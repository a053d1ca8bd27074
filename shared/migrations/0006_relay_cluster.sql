-- The PostgreSQL cluster whose transaction ids `relay_mark` and the outbox tell; empty until a relay has led.
-- Beside `relay_mark`, so that a relay of an older version goes on with the columns it knows.
create table relay_cluster (
    one               boolean primary key default true check (one),
    system_identifier bigint not null
);
