"""A server between the program and its sandbox, which decides what becomes of each call."""

import collections
import contextlib
import http.client
import http.server
import re
import socket
import struct
import threading
import urllib.parse


class Proxy(http.server.ThreadingHTTPServer):
    """Hands calls on to the sandbox; those who have other plans with them override `treat`."""

    daemon_threads = True

    def __init__(self, sandbox):
        super().__init__(("127.0.0.1", 0), Call)
        self.upstream = urllib.parse.urlsplit(sandbox.url).netloc
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        self.lock = threading.Lock()
        #: How often each operation (`ec2:CopySnapshot`) was called.
        self.counts = collections.Counter()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def treat(self, call):
        call.answer(*call.forward())

    def handle_error(self, request, client_address):
        """Clients that hang up in the middle are what this is about."""

    def end(self):
        self.shutdown()
        self.server_close()


class Call(http.server.BaseHTTPRequestHandler):
    """One call: its `service`, `operation` and `body`, and that it is the `number`-th of its operation."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *arguments):
        pass

    def do_POST(self):
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        self.service = "lightsail" if target else "ec2"
        self.operation = target or re.search(rb"Action=(\w+)", self.body)[1].decode()
        with self.server.lock:
            self.server.counts[self.name] += 1
            self.number = self.server.counts[self.name]
        self.server.treat(self)

    @property
    def name(self):
        return f"{self.service}:{self.operation}"

    def forward(self):
        """Has it performed; gives the reply, and its text."""
        # The signature is of the host that the client asked, which is this proxy.
        upstream = http.client.HTTPConnection(self.server.upstream, timeout=10)
        with contextlib.closing(upstream):
            upstream.request("POST", self.path, self.body, dict(self.headers))
            reply = upstream.getresponse()
            return reply, reply.read()

    def head(self, reply, length):
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.headers.get("Content-Type", "text/plain"))
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def answer(self, reply, text):
        self.head(reply, len(text))
        self.wfile.write(text)

    def hang_up(self):
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
            self.connection.close()

    def reset(self):
        """Not an orderly end, but RST."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
