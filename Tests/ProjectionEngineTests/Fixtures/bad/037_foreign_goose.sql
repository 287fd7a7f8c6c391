-- +goose Up
CREATE TABLE t (id INTEGER PRIMARY KEY);
-- +goose Down
DROP TABLE t;
