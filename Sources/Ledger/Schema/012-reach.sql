-- Lists and counts of duties, of a place or of a debtor, from an index alone: which stand on a day is in it too.
DROP INDEX stretch_by_gauge;
CREATE INDEX stretch_by_gauge ON stretch (gauge, verdict, division, subject, from_day, until_day, debtor, reason);
DROP INDEX stretch_by_debtor;
CREATE INDEX stretch_by_debtor ON stretch (debtor, gauge, verdict, division, until_day, from_day, reason);

-- Tallies are read home by home, as their primary key lies.
DROP INDEX tally_by_gauge;

-- It was the sum of its neighbours.
ALTER TABLE import_part DROP COLUMN rows;
