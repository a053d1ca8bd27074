-- Persons at pages. `id` is the hash of what the browser holds, `refresh` the provider's refresh token, sealed under
-- a key that the database does not have.
create table session (
    id             bytea       primary key,
    subject        text        not null,
    role           text        not null,
    wilayah        text        not null,
    refresh        bytea,
    began_at       timestamptz not null default clock_timestamp(),
    renewed_at     timestamptz not null, -- the provider last vouched for the person: when the person was last seen
    renewing_until timestamptz,
    ends_at        timestamptz not null
);
create index session_by_end on session (ends_at);
