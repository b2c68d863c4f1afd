-- What became of each exchange, as roll-ups count it: 0 served, 1 caller_fault, 2 rate_limited, 3 abandoned, 4 failed. A
-- stream that broke has the status 200 that its client heard, so that the status cannot tell.
ALTER TABLE record ADD COLUMN verdict INTEGER NOT NULL DEFAULT 0;

-- Of older records as much as these columns tell.
UPDATE record SET verdict = CASE
    WHEN interrupted OR status = 499 THEN 3
    WHEN status = 429 THEN 2
    WHEN status BETWEEN 400 AND 499 THEN 1
    ELSE 4
END
WHERE interrupted OR status >= 400 OR detail LIKE '{"error":%';

-- Most are served: what is rare is found without reading all of them.
CREATE INDEX record_by_verdict ON record (verdict, id) WHERE verdict > 0;
