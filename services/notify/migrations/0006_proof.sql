-- The proof that a URL is its owner's. What was subscribed before, and what version 0.1.0 still subscribes beside this
-- one, needs none. Columns of `subscription` itself, which no version reads whole: a statement that locks its row sees
-- the latest of all of them.
alter table subscription
    add column unverified         boolean not null default false,
    add column challenge          text,        -- the latest
    add column challenge_delivery bigint references delivery,
    add column challenge_failed   boolean not null default false, -- given up: nothing is kept for it any more
    add column verified_at        timestamptz,
    -- The receiver asked to be left alone until then (Retry-After).
    add column resumes_at         timestamptz,
    -- What shares of the sending slots go by, beside the owner.
    add column host text generated always as
        (lower(substring(url from '^[^:]*://(?:[^/?#]*@)?(\[[^]]*\]|[^/:?#]*)'))) stored;
create index subscription_by_owner on subscription (owner) where state = 'active';

-- What was told while a subscription ended stayed pending without end.
update delivery d set state = 'dropped', ended_at = now() from subscription s
where s.subscription_id = d.subscription_id and s.state <> 'active' and d.state = 'pending';
