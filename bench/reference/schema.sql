-- What stands beside our figures: the writing of a durable receipt, without our code.
-- This file does not change with the code of the district; figures of years are compared by it.
CREATE TABLE reference_desk (desk int PRIMARY KEY, seq bigint NOT NULL);
CREATE TABLE reference_answer (
    caller text, method text, request_id text, digest text NOT NULL, answer bytea,
    PRIMARY KEY (caller, method, request_id));
CREATE TABLE reference_case (
    number text PRIMARY KEY, authority text NOT NULL, unit text NOT NULL, state text NOT NULL,
    received_at timestamptz NOT NULL, terms text NOT NULL);
CREATE INDEX reference_case_unit ON reference_case (unit);
CREATE INDEX reference_case_received ON reference_case (received_at, number);
CREATE TABLE reference_part (
    number text REFERENCES reference_case, ordinal int, name text NOT NULL, pieces int NOT NULL,
    PRIMARY KEY (number, ordinal));
CREATE TABLE reference_stream (stream text PRIMARY KEY, seq bigint NOT NULL);
CREATE TABLE reference_event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, stream text NOT NULL, seq bigint NOT NULL,
    body bytea NOT NULL);
CREATE INDEX reference_event_stream ON reference_event (stream, seq);
CREATE TABLE reference_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, recorded_at timestamptz NOT NULL,
    actor text NOT NULL, subject text NOT NULL, detail text NOT NULL);
CREATE INDEX reference_audit_subject ON reference_audit (subject);
INSERT INTO reference_desk SELECT desk, 0 FROM generate_series(1, 240) AS desk;
