"""The database itself refuses to change or remove an audit event."""

from django.db import migrations

SQLITE = (
    """CREATE TRIGGER auditevent_no_update BEFORE UPDATE ON governance_auditevent
       BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
    """CREATE TRIGGER auditevent_no_delete BEFORE DELETE ON governance_auditevent
       BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION auditevent_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$""",
    """CREATE TRIGGER auditevent_no_update BEFORE UPDATE ON governance_auditevent
       FOR EACH STATEMENT EXECUTE FUNCTION auditevent_refuse()""",
    """CREATE TRIGGER auditevent_no_delete BEFORE DELETE OR TRUNCATE ON governance_auditevent
       FOR EACH STATEMENT EXECUTE FUNCTION auditevent_refuse()""",
)


def guard(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    on_table = " ON governance_auditevent" if schema_editor.connection.vendor == "postgresql" else ""
    for name in ("auditevent_no_update", "auditevent_no_delete"):
        schema_editor.execute(f"DROP TRIGGER {name}{on_table}")
    if on_table:
        schema_editor.execute("DROP FUNCTION auditevent_refuse()")


class Migration(migrations.Migration):
    dependencies = [("governance", "0001_initial")]
    operations = [migrations.RunPython(guard, unguard)]
