# standalone.profile: a confidential VM that runs one image's workload.
# The fragments in order; the flavour (release or debug) comes last.
fragment base
fragment tee
fragment devices
fragment storage
fragment network
fragment userspace
fragment init
fragment hardening
fragment absent
