"""A small server to write a connector against: routes, JSON answers, and whatever you store. Python 3.9 or newer, no packages.

    from fake_server import FakeServer, reply

    server = FakeServer(refuse=lambda request: None if request.headers.get("X-Api-Key") == "key-1" else reply(401))
    tickets = []

    @server.route("GET", "/v1/tickets")
    def list_tickets(request):
        return reply(200, request.page(tickets, size=50))

    @server.route("POST", "/v1/tickets")
    def create_ticket(request):
        tickets.append(request.json["summary"])
        return reply(201, {"id": len(tickets)})

    with server.running() as address:      # http://127.0.0.1:49152
        ...                                # point the connector at it; it must be allowed to reach loopback addresses

Requests are answered one at a time. `python3 fake_server.py` serves the sample until its standard input ends.
"""

import contextlib
import http.server
import json
import sys
import threading
import urllib.parse

MAX_BODY_BYTES = 32 * 1024 * 1024


def reply(status, value=None, headers=None):
    """An answer: a status, a value that becomes JSON, and further header fields."""
    return status, value, headers or {}


class Request:
    """A request as a handler reads it."""

    def __init__(self, method, path, query, headers, body, values=()):
        self.method, self.path, self.query, self.headers, self.body, self.values = method, path, query, headers, body, values

    @property
    def json(self):
        """The body as JSON; None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def page(self, rows, name="page", size=50):
        """The rows of the page that a query parameter numbers, from 1; none behind the end."""
        try:
            number = max(1, int(self.query.get(name, "1")))
        except ValueError:
            number = 1
        return rows[(number - 1) * size : number * size]


class FakeServer:
    """Answers by routes. Of two routes that fit, the first one answers."""

    def __init__(self, refuse=lambda request: None):
        self._refuse, self._routes, self._lock = refuse, [], threading.Lock()
        #: The requests so far, as (method, path).
        self.requests = []

    def route(self, method, pattern):
        """Registers a handler; a segment in braces, such as {id}, is any value and stands in request.values."""

        def register(handler):
            self._routes.append((method, pattern.strip("/").split("/"), handler))
            return handler

        return register

    def answer(self, request):
        """Answers a request: 404 for a path without a route, 405 for a method that the path does not have."""
        with self._lock:
            self.requests.append((request.method, request.path))
            refusal = self._refuse(request)
            if refusal is not None:
                return refusal
            parts, status = request.path.strip("/").split("/"), 404
            for method, pattern, handler in self._routes:
                fits = len(parts) == len(pattern) and all(p.startswith("{") or p == part for p, part in zip(pattern, parts))
                if not fits:
                    continue
                if method != request.method:
                    status = 405
                    continue
                request.values = [urllib.parse.unquote(part) for p, part in zip(pattern, parts) if p.startswith("{")]
                return handler(request)
            return reply(status, {"message": "There is no such resource." if status == 404 else "This method is not possible here."})

    @contextlib.contextmanager
    def running(self, port=0):
        """Listens on 127.0.0.1, on a free port unless one is given; yields the address."""
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def serve(self):
                length = int(self.headers.get("Content-Length") or 0)
                if length > MAX_BODY_BYTES:
                    self.close_connection = True
                    return self.send(*reply(413, {"message": "The body is too large."}))
                url = urllib.parse.urlsplit(self.path)
                query = dict(reversed(urllib.parse.parse_qsl(url.query, keep_blank_values=True)))
                self.send(*fake.answer(Request(self.command, url.path, query, self.headers, self.rfile.read(length))))

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve

            def send(self, status, value, headers):
                body = b"" if value is None else json.dumps(value).encode()
                self.send_response(status)
                for name, text in {"Content-Type": "application/json", **headers}.items():
                    self.send_header(name, text)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield "http://127.0.0.1:%d" % server.server_address[1]
        finally:
            server.shutdown()
            server.server_close()


def sample():
    """The server of the documentation above."""
    server = FakeServer(refuse=lambda request: None if request.headers.get("X-Api-Key") == "key-1" else reply(401))
    tickets = []

    @server.route("GET", "/v1/tickets")
    def list_tickets(request):
        return reply(200, request.page(tickets, size=2))

    @server.route("POST", "/v1/tickets")
    def create_ticket(request):
        tickets.append(request.json["summary"])
        return reply(201, {"id": len(tickets)})

    @server.route("GET", "/v1/tickets/{id}/files/{name}")
    def read_file(request):
        return reply(200, request.values, {"X-Served": "yes"})

    return server


if __name__ == "__main__":
    with sample().running() as address:
        print(address, flush=True)
        sys.stdin.read()
