"""Governance: who may do what, where, and the proof of what they did.

Sites and their members, role classes, the action pattern (permission, one transaction, the
change and its audit event together), the hash-chained audit trail that the database itself
protects, privacy classes of fields, encryption of identifiers, and idempotency keys.
"""
