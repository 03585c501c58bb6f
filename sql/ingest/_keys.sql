-- What tells a version of an object, and how it was met, from others of the same source. A resourceVersion stands for the state; answers that show it in
-- another form differ in length. Without one, the body tells.
create or replace macro version_key(uid, version, body, observed_at) as
    hash(uid, version, strlen(body), case when version is null then body end, date_trunc('hour', observed_at));
create or replace macro sighting_key(version_key, sighting) as hash(version_key, sighting);
