-- Macros that the queries share: templates of rules, Kubernetes quantities and Go durations.
create or replace macro fill_template(template, key, value, reason, code) as
    case
        when contains(template, '{')
        then replace(replace(replace(replace(template, '{key}', coalesce(key, '')), '{value}', coalesce(value, '')), '{reason}', coalesce(reason, '')), '{code}', coalesce(code::varchar, ''))
        else template
    end;

-- The kind that facts about requests to a resource have; what is no pod, claim, node or Event goes by the resource's name.
create or replace macro kind_of(resource) as
    case resource when 'pods' then 'Pod' when 'persistentvolumeclaims' then 'PersistentVolumeClaim' when 'nodes' then 'Node' when 'events' then 'Event' else resource end;

-- Which part of the control plane a user is who writes the status of pods without knowing their containers; null for kubelets and for whatever plays one.
create or replace macro control_plane_part("user") as
    case
        when "user" = 'system:kube-scheduler' or regexp_matches("user", '^system:serviceaccount:[^:]+:.*-scheduler$') then 'scheduler'
        when "user" = 'system:kube-controller-manager' or regexp_matches("user", '^system:serviceaccount:(kube-system:.*controller|[^:]+:(pod-garbage-collector|.*-controller-manager))$') then 'controller'
    end;

-- The container that a request connects to or reads the log of, if it names one.
create or replace macro connected_container(subresource, uri) as
    case when subresource in ('exec', 'attach', 'portforward', 'log') then nullif(regexp_extract(uri, '[?&]container=([^&]+)', 1), '') end;

-- A Kubernetes quantity (`100m`, `1.5`, `64Mi`, `2G`) as a number; null if it is none.
create or replace macro quantity(text) as
    try_cast(regexp_extract(text, '^([0-9.]+(?:[eE][+-]?[0-9]+)?)', 1) as double)
    * case regexp_extract(text, '([A-Za-z]*)$', 1)
        when 'n' then 1e-9 when 'u' then 1e-6 when 'm' then 1e-3 when '' then 1 when 'k' then 1e3 when 'M' then 1e6 when 'G' then 1e9 when 'T' then 1e12 when 'P' then 1e15 when 'E' then 1e18
        when 'Ki' then 1024 when 'Mi' then 1048576 when 'Gi' then 1073741824 when 'Ti' then 1099511627776 when 'Pi' then 1125899906842624 when 'Ei' then 1152921504606846976
    end;

-- Whether a container's status shows the CPU and memory that its spec (or a patch of it) asks for; kernels keep shares and weights, so that numbers come back rounded.
create or replace macro same_quantity(wanted, shown) as
    case
        when wanted is null or wanted is not distinct from shown then true
        else coalesce(abs(quantity(wanted) - quantity(shown)) <= 0.02 * quantity(wanted), false)
    end;
create or replace macro same_resources(wanted, shown) as
    case
        when wanted is not distinct from shown then true
        -- One comparison for all four: written out, it would cost as much to plan as some whole tables do.
        else list_bool_and(list_transform(['$.requests.cpu', '$.requests.memory', '$.limits.cpu', '$.limits.memory'], lambda path: same_quantity(wanted->>path, shown->>path)))
    end;

-- How far a pod's in-place resize is: by its conditions (since 1.33) or by `status.resize` (1.27 to 1.32); null without one.
create or replace macro resize_state(conditions, resize) as
    coalesce(
        list_filter(conditions, lambda c: c.type = 'PodResizePending' and c.status = 'True')[1].reason,
        case when len(list_filter(conditions, lambda c: c.type = 'PodResizeInProgress' and c.status = 'True')) > 0 then 'InProgress' end,
        nullif(resize, '')
    );

-- What an image's reference says: its registry, repository, tag and digest, each null where it says none; Docker Hub's `library/` is no part of a name.
create or replace macro image_name(reference) as regexp_replace(split_part(reference, '@', 1), ':[^:/]*$', '');
create or replace macro image_parts(reference) as {
    'registry': case
        when regexp_matches(image_name(reference), '^(localhost|[^/]*[.:][^/]*)/')
        then regexp_replace(lower(split_part(image_name(reference), '/', 1)), '^(index|registry-1)\.docker\.io$', 'docker.io')
    end,
    'repository': regexp_replace(regexp_replace(image_name(reference), '^(localhost|[^/]*[.:][^/]*)/', ''), '^library/', ''),
    'tag': nullif(regexp_extract(split_part(reference, '@', 1), ':([^:/]*)$', 1), ''),
    'digest': nullif(split_part(reference, '@', 2), '')
};

-- Whether a reference that may be less than whole is of an image as a pod names it, whose registry is Docker Hub and whose tag is `latest` if it names none.
create or replace macro is_image(told, wanted) as
    told.repository = wanted.repository
    and (told.registry is null or told.registry = coalesce(wanted.registry, 'docker.io'))
    and (told.tag is null or told.tag = coalesce(wanted.tag, if(wanted.digest is null, 'latest', told.tag)))
    and (told.digest is null or told.digest = coalesce(wanted.digest, told.digest));

-- A Go duration (`1m2.3s`, `313ms`, `12µs`) in seconds; null if it is none.
create or replace macro go_duration_s(text) as
    case when regexp_full_match(text, '([0-9.]+(h|ms|m|s|µs|us|ns))+') then
        list_sum(list_transform(
            regexp_extract_all(text, '[0-9.]+(?:h|ms|m|s|µs|us|ns)'),
            lambda part: regexp_extract(part, '^([0-9.]+)', 1)::double
                * case regexp_extract(part, '(h|ms|m|s|µs|us|ns)$', 1) when 'h' then 3600.0 when 'm' then 60.0 when 's' then 1.0 when 'ms' then 1e-3 when 'µs' then 1e-6 when 'us' then 1e-6 else 1e-9 end
        ))
    end;

-- Whether a selector (`a=b,c!=d,e in (f,g),!h`) matches labels, an object of JSON.
create or replace macro selector_term_matches(term, labels) as
    case
        when regexp_full_match(term, '!.+') then not coalesce(json_exists(labels, '$."' || trim(substr(term, 2)) || '"'), false)
        when regexp_full_match(term, '\S+ +notin +\(.*\)')
        then not coalesce(
            list_contains(
                list_transform(string_split(regexp_extract(term, '\((.*)\)', 1), ','), lambda word: trim(word)),
                json_extract_string(labels, '$."' || regexp_extract(term, '^(\S+)', 1) || '"')
            ),
            false
        )
        when regexp_full_match(term, '\S+ +in +\(.*\)')
        then coalesce(
            list_contains(
                list_transform(string_split(regexp_extract(term, '\((.*)\)', 1), ','), lambda word: trim(word)),
                json_extract_string(labels, '$."' || regexp_extract(term, '^(\S+)', 1) || '"')
            ),
            false
        )
        when contains(term, '!=')
        then json_extract_string(labels, '$."' || trim(regexp_extract(term, '^([^!=]*)', 1)) || '"') is distinct from trim(regexp_extract(term, '=(.*)$', 1))
        when contains(term, '=')
        then coalesce(json_extract_string(labels, '$."' || trim(regexp_extract(term, '^([^=]*)', 1)) || '"') = trim(regexp_extract(term, '==?(.*)$', 1)), false)
        else coalesce(json_exists(labels, '$."' || trim(term) || '"'), false)
    end;
create or replace macro selects(selector, labels) as
    coalesce(list_bool_and(list_transform(regexp_extract_all(selector, '[^,(]+(?:\([^)]*\))?'), lambda term: selector_term_matches(trim(term), labels))), true);

-- What is above a ReplicaSet that the log does not show: the controllers of Deployments and of Argo's Rollouts name each after its owner and the hash of its
-- template, and label its pods with that hash.
create or replace macro owner_by_hash(kind, name, labels) as
    case
        when kind <> 'ReplicaSet' then null
        when ends_with(name, '-' || json_extract_string(labels, '$."pod-template-hash"'))
        then {'kind': 'Deployment', 'name': left(name, -1 - length(json_extract_string(labels, '$."pod-template-hash"'))::int)}
        when ends_with(name, '-' || json_extract_string(labels, '$."rollouts-pod-template-hash"'))
        then {'kind': 'Rollout', 'name': left(name, -1 - length(json_extract_string(labels, '$."rollouts-pod-template-hash"'))::int)}
    end;

-- The kind of workload that a delivery counts for; what nothing owns is its own.
create or replace macro workload_kind_of(kind, owner_kind) as coalesce(owner_kind, if(kind = 'pvc_bind', 'PersistentVolumeClaim', 'Pod'));

-- The rates of an objective; null over nothing decided. What users did to themselves is no failure of the platform.
create or replace macro success_rate(success, fail) as success / nullif(success + fail, 0);
create or replace macro platform_success_rate(success, fail, fail_user) as success / nullif(success + fail - fail_user, 0);

-- What an objective says of a delivery that ended at `end_at`: delivered, killed, or neither by then.
create or replace macro verdict_at(end_at, watermark_at, delivered_at, killed_at, is_undecidable) as
    case
        when is_undecidable then 'UNDECIDABLE'
        when end_at > watermark_at then 'PENDING'
        when end_at = delivered_at then 'SUCCESS'
        when end_at = killed_at then 'KILL'
        else 'FAIL'
    end;

-- The time between two instants in whole microseconds: sums of it do not depend on their order.
create or replace macro us_between(from_at, to_at) as epoch_us(to_at) - epoch_us(from_at);

-- The whole hour, minute or second that an instant is in, by UTC. `date_trunc` asks a calendar with time zones, which costs twenty times as much.
create or replace macro floored(instant, step_us) as make_timestamptz(epoch_us(instant) - (epoch_us(instant) % step_us + step_us) % step_us);
create or replace macro hour_of(instant) as floored(instant, 3600000000);
create or replace macro minute_of(instant) as floored(instant, 60000000);
create or replace macro second_of(instant) as floored(instant, 1000000);

-- The time between two instants in seconds.
create or replace macro seconds_between(from_at, to_at) as (epoch_us(to_at) - epoch_us(from_at)) / 1e6;

-- A list with each value once, at its first place, and without nulls.
create or replace macro distinct_in_order(items) as list_filter(items, lambda item, place: item is not null and list_position(items, item) = place);

-- What was said, without what client-go puts before the newest of many texts that it folds into one Event.
create or replace macro said(message) as regexp_replace(message, '^\(combined from similar events\): ', '');

-- The HTTP code of a refusal whose text alone is known, by the words that the API machinery puts into its errors. What no API server says is a failure to reach one.
create or replace macro refusal_code(text) as
    case
        when regexp_matches(text, 'Validating(Admission)?Policy ''[^'']+'' with binding') then 422
        when regexp_matches(text, '^Internal error occurred|failed calling webhook|failed to call webhook') then 500
        when regexp_matches(text, 'is forbidden|denied the request') then 403
        when text like '% is invalid%' then 422
        when regexp_matches(text, 'already exists|Operation cannot be fulfilled') then 409
        when text ilike '%too many requests%' then 429
        when regexp_matches(text, ' not found$') then 404
        when text ilike '%unauthorized%' then 401
        when regexp_matches(text, 'cannot be handled as|^the server rejected our request') then 400
        when regexp_matches(text, '(?i)timeout|timed out|deadline exceeded') then 504
        else 500
    end;

-- Since 1.36 a scheduler counts the nodes with untolerated taints without naming the taints: those of them that were not ready then are named here.
create or replace macro name_taints(message, not_ready) as
    case
        when coalesce(not_ready, 0) = 0 or coalesce(try_cast(regexp_extract(message, '(\d+) node\(s\) had untolerated taint\(s\)', 1) as bigint), 0) = 0 then message
        when not_ready >= regexp_extract(message, '(\d+) node\(s\) had untolerated taint\(s\)', 1)::bigint then regexp_replace(message, 'node\(s\) had untolerated taint\(s\)', 'node(s) were not ready')
        else regexp_replace(
            message, '(\d+) node\(s\) had untolerated taint\(s\)',
            not_ready::varchar || ' node(s) were not ready, ' || (regexp_extract(message, '(\d+) node\(s\) had untolerated taint\(s\)', 1)::bigint - not_ready)::varchar || ' node(s) had untolerated taint(s)'
        )
    end;

-- The reasons of a FailedScheduling message, most nodes first: what stands before the preemption tail, each in one word.
create or replace macro scheduling_words(reason) as
    case
        when reason like '%Insufficient cpu%' then 'InsufficientCPU'
        when reason like '%Insufficient memory%' then 'InsufficientMemory'
        when reason like '%Insufficient pods%' or reason ilike '%too many pods%' then 'TooManyPods'
        when regexp_matches(reason, 'Insufficient \S+') then 'Insufficient' || regexp_extract(reason, 'Insufficient ([^ ,]+?)\.?$', 1)
        when regexp_matches(reason, 'volume node affinity conflict|PersistentVolume''s node affinity|no available volume zone|plugin(\(s\))? \[?Volume(Binding|Zone)\b') then 'VolumeNodeAffinity'
        when regexp_matches(reason, 'node affinity|node selector|nodeSelector|NodeName|requested node name|plugin(\(s\))? \[?NodeAffinity\b') then 'NodeSelectorMismatch'
        when regexp_matches(reason, 'not-ready|unreachable|network-unavailable|were not ready') then 'NodeNotReady'
        when regexp_matches(reason, 'were unschedulable|node.kubernetes.io/unschedulable') then 'NodeUnschedulable'
        when regexp_matches(reason, 'untolerated taint|that the pod didn''t tolerate') then 'UntoleratedTaint'
        when regexp_matches(reason, 'persistentvolumeclaim "[^"]*" (not found|is being deleted)|could not find v1\.PersistentVolumeClaim|bound to non-existent (persistentvolume|pv)') then 'PVCNotFound'
        when regexp_matches(reason, 'unbound immediate PersistentVolumeClaim|didn''t find available persistent volumes|did not have enough free storage|waiting for ephemeral volume controller|storageclass\S* "[^"]*" not found|binding volumes: .*(timed out|deadline exceeded|provisioning failed|reset for PVC)') then 'UnboundPVC'
        when reason ilike '%topology spread%' or reason like '%[PodTopologySpread%' then 'TopologySpread'
        when reason ilike '%anti-affinity%' or reason like '%pod affinity%' then 'PodAntiAffinity'
        when reason like '%free ports%' then 'HostPort'
        else 'Other'
    end;

-- The list of reasons alone. What stands behind it came with the versions: nothing, then the outcome of preemption, then before it that of other plugins.
create or replace macro scheduling_list(message) as
    regexp_replace(
        regexp_replace(message, '^\d+/\d+ nodes are (un)?available: ', ''),
        '(\. (no new claims to deallocate|still not schedulable|deallocation of ResourceClaim completed))?[,.]? ?preemption: .*$|\. (no new claims to deallocate|still not schedulable|deallocation of ResourceClaim completed)\.?$', ''
    );
create or replace macro scheduling_reasons(message) as
    list_transform(
        list_sort(
            list_transform(
                string_split(regexp_replace(scheduling_list(message), ', (\d+ )', '|\1', 'g'), '|'),
                lambda part: {'order': -coalesce(try_cast(regexp_extract(part, '^(\d+) ', 1) as bigint), 0), 'word': scheduling_words(part)}
            )
        ),
        lambda part: part.word
    );
create or replace macro scheduling_detail(message) as
    case when message is not null then array_to_string(distinct_in_order(scheduling_reasons(message)), ',') end;
