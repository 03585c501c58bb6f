-- What tells a version of an object, and how it was met, from others of the same source. A resourceVersion stands for the state; answers that show it in
-- another form differ in length. Without one, the body tells. Hours are counted, for what depends on a time zone is planned anew at each execution.
create or replace macro version_key(uid, version, body, observed_at) as
    hash(uid, version, strlen(body), case when version is null then body end, epoch_us(observed_at) // 3600000000);
create or replace macro sighting_key(version_key, sighting) as hash(version_key, sighting);
