"""TLS in front of the gateway, as an operator's reverse proxy gives it: boto3 sends bearer keys over HTTPS only."""

from __future__ import annotations

import socket
import ssl
import tempfile
import threading
from urllib.parse import urlsplit

import trustme


class TlsFront:
    """Listens with a certificate of its own authority and passes bytes on. `authority` is the file to trust."""

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self.target = (address.hostname, address.port)
        authority = trustme.CA()
        self.file = tempfile.NamedTemporaryFile(suffix=".pem")
        authority.cert_pem.write_to_path(self.file.name)
        self.authority = self.file.name
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self.context)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        self.listener.close()
        self.file.close()

    def _accept(self) -> None:
        while True:
            try:
                plain, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(plain,), daemon=True).start()

    def _serve(self, plain: socket.socket) -> None:
        try:
            with self.context.wrap_socket(plain, server_side=True) as client:
                with socket.create_connection(self.target) as server:
                    back = threading.Thread(target=pump, args=(server, client), daemon=True)
                    back.start()
                    pump(client, server)
                    back.join()
        except OSError:
            # A connection that broke is of no more use, and the client sees it.
            pass


def pump(source: socket.socket, sink: socket.socket) -> None:
    """Passes on what comes, as it comes, until there is no more."""
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
