"""Over TLS the broker proves that it is the broker; what RabbitMQ calls the files, we do too."""

from __future__ import annotations

import socket
import ssl
import threading
from urllib.parse import urlsplit, urlunsplit

import pytest

from servicekit.broker_address import split_address
from servicekit.publishing import BROKER_TROUBLE, ConfirmingPublisher, connect
from servicekit.relay import OutgoingMessage
from servicekit.tests.certificates import Authority


def test_a_plain_address_stays_as_it_is():
    assert split_address("amqp://u:p@mq/v?heartbeat=5") == ("amqp://u:p@mq/v?heartbeat=5", None)


def test_files_are_taken_out_of_the_address_and_the_name_of_the_broker_is_checked():
    address, tls = split_address(
        "amqps://u:p%2F@mq:5671/v?cacertfile=/ca.crt&certfile=/tls.crt&keyfile=/tls.key&x=1"
    )
    assert address == "amqps://u:p%2F@mq:5671/v?x=1"
    assert tls == {
        "cert_reqs": ssl.CERT_REQUIRED,
        "server_hostname": "mq",
        "ca_certs": "/ca.crt",
        "certfile": "/tls.crt",
        "keyfile": "/tls.key",
    }


def test_without_an_authority_of_its_own_the_machines_are_asked():
    _, tls = split_address("amqps://mq/")
    assert tls == {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": "mq"}


class TlsInFront:
    """Ends TLS in front of a broker, as the broker itself would."""

    def __init__(self, files, behind):
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=files.ca)
        self._context.load_cert_chain(files.cert, files.key)
        self._behind = behind
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._sockets = [self._listening]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                raw, _ = self._listening.accept()
                front = self._context.wrap_socket(raw, server_side=True)
            except ssl.SSLError:  # the client did not trust us
                continue
            except OSError:
                return
            back = socket.create_connection(self._behind)
            self._sockets += [front, back]
            for source, target in ((front, back), (back, front)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    @staticmethod
    def _pass_on(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def close(self):
        self._listening.shutdown(socket.SHUT_RDWR)
        for each in self._sockets:
            each.close()


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def over_tls(amqp_url, authority, tmp_path):
    parts = urlsplit(amqp_url)
    files = authority.files(tmp_path / "broker", "broker")
    front = TlsInFront(files, (parts.hostname, parts.port))
    account = parts.netloc.rpartition("@")[0]

    def address(ca=files.ca):
        moved = parts._replace(scheme="amqps", netloc=f"{account}@127.0.0.1:{front.port}")
        return urlunsplit(moved._replace(query=f"cacertfile={ca}"))

    yield address
    front.close()


def test_messages_are_published_with_confirms_over_tls(over_tls, unique_name):
    queue = unique_name()
    with connect(over_tls()) as connection:
        connection.channel().queue_declare(queue, exclusive=False, auto_delete=True)
        publisher = ConfirmingPublisher(over_tls(), exchange="")
        assert publisher.publish([OutgoingMessage("1", queue, b"body", {})]) == {"1"}
        publisher.close()
        assert connection.channel().basic_get(queue, no_ack=True).body == b"body"


def test_a_broker_of_a_foreign_authority_is_not_spoken_to(over_tls, tmp_path):
    foreign = tmp_path / "foreign.crt"
    foreign.write_bytes(Authority("foreign").pem)
    with pytest.raises(BROKER_TROUBLE, match="certificate verify failed"):
        connect(over_tls(ca=foreign))


def test_a_broker_with_the_certificate_of_another_host_is_not_spoken_to(authority, tmp_path):
    files = authority.files(tmp_path, "broker")
    chain, key = authority.sign("broker", "192.0.2.1")
    files.cert.write_bytes(chain)
    files.key.write_bytes(key)
    front = TlsInFront(files, ("127.0.0.1", 9))
    with pytest.raises(BROKER_TROUBLE, match="certificate verify failed: IP address mismatch"):
        connect(f"amqps://127.0.0.1:{front.port}/?cacertfile={files.ca}")
    front.close()
