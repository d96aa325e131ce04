"""The stories of calls over ARI: thin shells around `lab_server.routing`, each stage re-entrant.

A story is a coroutine over named stages. It first looks at what is already there (ids are derived from the contact's),
states its intent (RS_STAGE on the channel, the journal), then acts; so it can be started again at any stage, by the
same brain after a gap or by the next one after a crash.
"""
