-- Which API server wrote a line, by what a shipper says of where it met it: each has a clock of its own.
-- A pod of another name is whoever received the log from the API server, as is then the host; but nothing better is known.
create or replace macro api_server(pod, node, host) as
    coalesce(case when starts_with(pod, 'kube-apiserver') then pod end, nullif(node, ''), nullif(host, ''));

-- The same by labels, as Loki has them.
create or replace macro server_of_labels(labels) as
    if(
        json_valid(labels),
        list_extract(
            list_transform(
                [json_extract_string(
                    labels, ['$.pod', '$.pod_name', '$.k8s_pod_name', '$.node_name', '$.node', '$.k8s_node_name', '$.nodename', '$.host', '$.hostname', '$.host_name', '$.instance']
                )],
                lambda told: api_server(coalesce(told[1], told[2], told[3]), coalesce(told[4], told[5], told[6], told[7]), coalesce(told[8], told[9], told[10], told[11]))
            ),
            1
        ),
        null
    );
