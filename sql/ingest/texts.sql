-- Texts for people that audit events hold (URIs, messages, user agents, annotations), each once, with what is secret in them hidden.
-- reads: texts_as_logged (text)
-- gives: texts
select case when holds_any_in_text(text) then redact_text(hide_webhook_patches(text)) else text end as text
from texts_as_logged
