-- The schema of the projection shop at version 1, made of
-- the migrations 001.
-- Written by 'annals schema dump', for review; the migrations are what counts.

create table child (
    id text primary key,
    parent integer unique references "odd ""names""" ("order") on delete cascade
) without rowid, strict;

create trigger note after delete on child when old.id <> ';' begin
    insert into log(what) select case when old.parent then 'end' else 'END;' end;
    update log set what = upper(what) where n = 1;
end;

create table log (
    n integer primary key,
    what varchar(10)
);

create table "odd ""names""" (
    "order" integer primary key,
    key text not null default 'a;b' collate nocase,
    größe real,
    sum real generated always as (größe * 2.5e-3) stored,
    unique (key, größe),
    check (length(key) > 0 and größe <> - 1)
);
create index by_key on "odd ""names""" (lower(key), größe desc) where größe is not null;

create view shown as
with c as (select 1 as x)
select o."order", c.x
from "odd ""names""" as o
left join c on true
where o.key not in ('x', 'FROM')
order by 1;
