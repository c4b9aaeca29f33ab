"""Storages that tests of files run on: a folder, and a real server that speaks S3."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Any

import pytest

from files import receiving, tus

BUCKET = "chatroom"


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Its address."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


def on_disk(folder: Any) -> dict:
    """The storage of a site without S3."""
    return {"BACKEND": "files.storage.DiskStorage", "OPTIONS": {"location": folder / "files"}}


def on_server(address: str) -> dict:
    """The storage of a site with S3, empty."""
    import boto3
    from boto3.s3.transfer import TransferConfig

    options = {
        "bucket_name": BUCKET,
        "endpoint_url": address,
        "access_key": "test",
        "secret_key": "test",
        "region_name": "us-east-1",
        "signature_version": "s3v4",
        "addressing_style": "path",
        "file_overwrite": True,
        "max_memory_size": 1024 * 1024,
        "transfer_config": TransferConfig(use_threads=False),
    }
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "us-east-1"}
    bucket = boto3.resource("s3", endpoint_url=address, **keys).Bucket(BUCKET)
    bucket.create()
    bucket.objects.delete()
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


@pytest.fixture
def disk(settings: Any, tmp_path: Any, plain_static: None) -> None:
    """Files in an empty folder."""
    settings.STORAGES = {**settings.STORAGES, "default": on_disk(tmp_path)}
    settings.DATA_DIR = tmp_path


@pytest.fixture(params=["disk", "s3"])
def store(request: pytest.FixtureRequest, settings: Any, tmp_path: Any, plain_static: None) -> str:
    """An empty storage of each kind."""
    made = on_disk(tmp_path) if request.param == "disk" else on_server(request.getfixturevalue("s3_server"))
    settings.STORAGES = {**settings.STORAGES, "default": made}
    settings.DATA_DIR = tmp_path
    return request.param


class Here(Executor):
    """Work is done by the thread that runs the test, whose transaction it has to see, while the event loop is in another."""

    def __init__(self) -> None:
        self.jobs: SimpleQueue = SimpleQueue()

    def submit(self, work: Any, /, *args: Any, **kwargs: Any) -> Future:
        future: Future = Future()
        self.jobs.put((future, partial(work, *args, **kwargs)))
        return future

    def run(self, coroutine: Coroutine) -> None:
        """Run a coroutine in a thread with an event loop, and its work in this one."""

        def loop() -> None:
            try:
                asyncio.run(coroutine)
            finally:
                self.jobs.put(None)

        thread = Thread(target=loop, daemon=True)
        thread.start()
        while job := self.jobs.get(timeout=30):
            future, work = job
            try:
                future.set_result(work())
            except BaseException as error:
                future.set_exception(error)
        thread.join()


@pytest.fixture
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Uploads work in the thread of the test."""
    monkeypatch.setattr(receiving, "_pool", Here())
    tus.pieces.held.clear()
