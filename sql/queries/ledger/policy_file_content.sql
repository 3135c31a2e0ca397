-- A policy file that a run has read. Parameter: digest. Returns: content; no row if there is none.
SELECT content FROM redress.policy_file WHERE digest = $1
