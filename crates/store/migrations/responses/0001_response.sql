-- One partition: the responses that began in one UTC month. Plain SQL that PostgreSQL would take too, but for WITHOUT
-- ROWID (there: nothing). Here stand prompts and answers: what is deleted is overwritten (see `db::content_pool`).

-- By project first: the same id of another project is another response.
CREATE TABLE response (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    previous TEXT,                      -- the id of the response that it goes on from
    model TEXT NOT NULL,                -- as the client asked for it
    input TEXT NOT NULL,                -- JSON: the items that this request added
    answer TEXT NOT NULL,               -- JSON: the response as the client got it
    PRIMARY KEY (project, id)
);

CREATE INDEX response_by_time ON response (created_ms);

-- Which response holds an item, for requests that name items instead of repeating them.
CREATE TABLE item (
    project TEXT NOT NULL,
    id TEXT NOT NULL,
    response TEXT NOT NULL,             -- response.id of the same project
    PRIMARY KEY (project, id)
) WITHOUT ROWID;

CREATE INDEX item_by_response ON item (project, response);
