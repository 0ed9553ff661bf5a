-- Listings by themselves: every minute it is asked which of their terms have run, and no case is needed to say
-- where they stand. Safe: an index only.
CREATE INDEX body_listing ON body (log_index) WHERE record_type = 'WageBlacklistEntry';
