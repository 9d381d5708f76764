"""The same expression on Spark: on this machine, and on a standalone master and worker on loopback."""

import contextlib
import os
import socket
import subprocess
import time
from pathlib import Path

import pytest

from exovigil.signals.scan import spark
from exovigil.signals.scan.population import Population
from exovigil.signals.scan.run import Choice, scan
from tests.signals.scan.parity import assert_same, rows
from tests.signals.scan.stores import some_reports

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]

HOST = "127.0.0.1"
START, STOP = 90, 20  # seconds to wait for a process


@pytest.fixture(scope="module")
def java():
    """The Java that Spark runs on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("JAVA_HOME", raising=False)
        try:
            home = spark.prepare_environment()
        except spark.SparkMissing as missing:
            pytest.skip(str(missing))
        yield home
        for name in ("JAVA_HOME", "SPARK_LOCAL_IP", "PYSPARK_PYTHON"):
            os.environ.pop(name, None)


def free_port() -> int:
    with socket.socket() as door:
        door.bind((HOST, 0))
        return int(door.getsockname()[1])


@contextlib.contextmanager
def running(folder: Path, name: str, *arguments: str, until: str):
    """One Spark process, started by spark-class, ready when its log says so, and always stopped."""
    import pyspark

    log = folder / f"{name}.log"
    command = [str(Path(pyspark.__file__).parent / "bin" / "spark-class"), *arguments]
    environment = {**os.environ, "SPARK_DAEMON_MEMORY": "256m"}
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment, cwd=folder)
    try:
        deadline = time.monotonic() + START
        while until not in log.read_text(errors="replace"):
            assert process.poll() is None, f"{name} ended: {log.read_text(errors='replace')[-2000:]}"
            assert time.monotonic() < deadline, (
                f"{name} did not start: {log.read_text(errors='replace')[-2000:]}"
            )
            time.sleep(0.2)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(STOP)


@pytest.fixture
def cluster(java, tmp_path):
    """Address of a master with one worker, both on loopback."""
    port, page, other = free_port(), free_port(), free_port()
    address = f"spark://{HOST}:{port}"
    master = (
        "org.apache.spark.deploy.master.Master",
        "--host",
        HOST,
        "--port",
        str(port),
        "--webui-port",
        str(page),
    )
    worker = ("org.apache.spark.deploy.worker.Worker", "--host", HOST, "--webui-port", str(other))
    worker += ("--work-dir", str(tmp_path / "work"), "--cores", "1", "--memory", "1g", address)
    with (
        running(tmp_path, "master", *master, until="I have been elected leader"),
        running(tmp_path, "worker", *worker, until="Successfully registered with master"),
    ):
        yield address


@pytest.fixture
def small():
    """Settings that keep a test's Spark small, so that it can share a busy machine."""
    return {
        "spark.sql.shuffle.partitions": "2",
        "spark.driver.memory": "512m",
        "spark.executor.memory": "512m",
    }


def scanned(store, out, monkeypatch, master, settings):
    connect = spark.connect

    def small_one(at):
        backend = connect(at, **settings)
        assert backend._session.sparkContext.master == master  # not a session left from another test
        return backend

    monkeypatch.setattr(spark, "connect", small_one)
    strata = Population(("suspect", "interacting"), ("sex", "age", "year"))
    ours = {}
    for engine in ("kernel", "duckdb", "spark"):
        for name, population in (("plain", Population()), ("strata", strata)):
            path = out / f"{engine}-{name}.parquet"
            summary = scan(store, path, Choice(population, engine, ebgm=False, spark_master=master))
            assert summary.engine == engine
            ours[engine, name] = rows(path)
    return ours


@pytest.mark.parametrize("where", ["local", "cluster"])
def test_counts_are_equal_and_statistics_to_a_billionth(java, request, tmp_path, monkeypatch, small, where):
    master = "local[1]" if where == "local" else request.getfixturevalue("cluster")
    store = some_reports(1500, 21, products=30, reactions=40).write(tmp_path / "store")
    ours = scanned(store, tmp_path, monkeypatch, master, small)
    for name in ("plain", "strata"):
        assert_same(ours["spark", name], ours["duckdb", name])
        assert_same(ours["spark", name], ours["kernel", name])
    assert ours["spark", "plain"] != ours["spark", "strata"]
