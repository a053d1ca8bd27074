-- An answer that nothing followed lapses: since when the alert counts as unanswered again, and the step told then.
-- Columns of `alert` itself, which no version reads whole.
alter table alert
    add column lapsed_at   timestamptz,
    add column lapsed_step smallint not null default 0;

-- The rest of a grant of which a part was sent: a grant of its own. A table of its own: version 0.1.0 reads all columns
-- of `shipment`.
create table shipment_rest (
    shipment_id uuid primary key references shipment,
    rest_of     uuid not null unique references shipment
);
