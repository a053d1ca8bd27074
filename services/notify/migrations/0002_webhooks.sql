create table subscription (
    subscription_id uuid        primary key,
    owner           text        not null, -- the subject of the token that subscribed
    province        text        not null,
    url             text        not null,
    levels          text[]      not null,
    secret          text, -- null once the subscription has ended
    state           text        not null default 'active' check (state in ('active', 'gone', 'ended')),
    subscribed_at   timestamptz not null,
    -- The lease of the worker that is posting here now: one post at a time to each receiver.
    busy_until      timestamptz
);
create index subscription_active on subscription (province) where state = 'active';

create table delivery (
    delivery_id     bigint      generated always as identity primary key,
    message_id      uuid        not null, -- the webhook-id, the same in every attempt
    subscription_id uuid        not null references subscription,
    type            text        not null,
    body            text        not null,
    state           text        not null default 'pending'
                    check (state in ('pending', 'delivered', 'given_up', 'dropped')),
    attempts        smallint    not null default 0,
    due_at          timestamptz not null default now(), -- by the wall clock
    ended_at        timestamptz,
    last_status     smallint,
    last_error      text,
    unique (subscription_id, message_id)
);
create index delivery_pending on delivery (subscription_id, delivery_id) where state = 'pending';
