\set desk random(1, 240)
\set number random(1, 9000000000000000)
BEGIN;
INSERT INTO reference_answer (caller, method, request_id, digest) VALUES ('person:' || :desk, '/ReceiveApplication', :number::text, md5(:number::text));
SELECT seq FROM reference_desk WHERE desk = :desk FOR UPDATE;
INSERT INTO reference_case VALUES ('370306-' || :number, '370306000000-D01', '370306000000-C1-W01', 'RECEIVED', now(), repeat('terms of the version ', 60));
INSERT INTO reference_part SELECT '370306-' || :number, ordinal, 'material', 1 FROM generate_series(1, 5) AS ordinal;
INSERT INTO reference_stream AS s VALUES ('370306-' || :number, 1) ON CONFLICT (stream) DO UPDATE SET seq = s.seq + 1 RETURNING seq;
INSERT INTO reference_event (stream, seq, body) VALUES ('370306-' || :number, 1, decode(repeat('a5', 300), 'hex'));
INSERT INTO reference_audit (recorded_at, actor, subject, detail) VALUES (now(), 'person:' || :desk, '370306-' || :number, repeat('detail ', 40));
UPDATE reference_answer SET answer = decode(repeat('5a', 120), 'hex') WHERE caller = 'person:' || :desk AND method = '/ReceiveApplication' AND request_id = :number::text;
COMMIT;
