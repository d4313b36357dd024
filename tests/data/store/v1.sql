BEGIN TRANSACTION;
CREATE TABLE hourcast_data (
        data_hash TEXT PRIMARY KEY, job TEXT NOT NULL, source TEXT NOT NULL, seen_at TEXT NOT NULL,
        first TEXT NOT NULL, last TEXT NOT NULL, items INTEGER NOT NULL, readings INTEGER NOT NULL,
        missing INTEGER NOT NULL, faulty INTEGER NOT NULL, mean DOUBLE PRECISION, low DOUBLE PRECISION,
        high DOUBLE PRECISION);
CREATE TABLE hourcast_forecast (
        job TEXT NOT NULL, item_id TEXT NOT NULL, cutoff TEXT NOT NULL, run_id TEXT NOT NULL, model_id TEXT,
        issued_at TEXT, first TEXT NOT NULL, last TEXT NOT NULL, freq TEXT NOT NULL, steps INTEGER NOT NULL,
        levels TEXT NOT NULL, numbers BLOB NOT NULL, time_zone TEXT NOT NULL, unit TEXT, forecaster TEXT NOT NULL,
        weather_mode TEXT NOT NULL, quality_flag TEXT NOT NULL, PRIMARY KEY (job, item_id, cutoff));
INSERT INTO "hourcast_forecast" VALUES('north','meter','2024-02-29T23:00:00Z','a1','m1',NULL,'2024-03-01T00:00:00Z','2024-03-01T01:00:00Z','h',2,'[0.1, 0.9]',X'789C636080805030B86A0FA19FDA43443F40F95FED57AF02815FF6001B6D0FCC','Europe/Paris','kWh','hourcast','none','ok');
CREATE TABLE hourcast_model (
        model_id TEXT PRIMARY KEY, job TEXT NOT NULL, status TEXT NOT NULL, trained_at TEXT NOT NULL,
        cutoff TEXT NOT NULL, reason TEXT NOT NULL, promise TEXT NOT NULL, contest TEXT NOT NULL,
        data_hash TEXT NOT NULL, version TEXT NOT NULL);
INSERT INTO "hourcast_model" VALUES('m1','north','champion','2024-01-01T00:00:00Z','2024-01-01T00:00:00Z','a test','{"loss": 0.5}','{}','','');
CREATE TABLE hourcast_run (
        run_id TEXT PRIMARY KEY, job TEXT NOT NULL, status TEXT NOT NULL, exit_code INTEGER NOT NULL,
        started_at TEXT NOT NULL, ended_at TEXT NOT NULL, as_of TEXT NOT NULL, cutoff TEXT, config_hash TEXT,
        data_hash TEXT, model_id TEXT, quality_flag TEXT, items INTEGER, readings INTEGER,
        handed_over INTEGER NOT NULL, message TEXT NOT NULL, details TEXT NOT NULL, version TEXT NOT NULL);
INSERT INTO "hourcast_run" VALUES('a1','north','done',0,'2024-03-01T00:00:00Z','2024-03-01T00:00:00Z','2024-03-01T00:00:00Z',NULL,NULL,NULL,NULL,NULL,NULL,NULL,0,'','{}','');
CREATE TABLE hourcast_schema (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL);
INSERT INTO "hourcast_schema" VALUES(1,'2024-03-01T00:00:00Z');
CREATE TABLE hourcast_score (
        job TEXT NOT NULL, item_id TEXT NOT NULL, cutoff TEXT NOT NULL, model_id TEXT, quality_flag TEXT NOT NULL,
        steps INTEGER NOT NULL, readings INTEGER NOT NULL, abs_error DOUBLE PRECISION NOT NULL,
        error DOUBLE PRECISION NOT NULL, abs_actual DOUBLE PRECISION NOT NULL, inside INTEGER NOT NULL,
        scored_at TEXT NOT NULL, PRIMARY KEY (job, item_id, cutoff));
INSERT INTO "hourcast_score" VALUES('north','meter','2024-02-29T23:00:00Z','m1','ok',2,2,1.5,-0.5,10.0,1,'2024-03-01T00:00:00Z');
CREATE TABLE hourcast_weather (
        run_id TEXT NOT NULL, location TEXT NOT NULL, variable TEXT NOT NULL, model TEXT NOT NULL,
        issued_at TEXT NOT NULL, kind TEXT NOT NULL,
        PRIMARY KEY (run_id, location, variable, model, issued_at));
CREATE INDEX hourcast_run_job ON hourcast_run (job, started_at);
CREATE INDEX hourcast_model_job ON hourcast_model (job, trained_at);
CREATE INDEX hourcast_forecast_cutoff ON hourcast_forecast (job, cutoff);
CREATE INDEX hourcast_score_cutoff ON hourcast_score (job, cutoff);
COMMIT;
