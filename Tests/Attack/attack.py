#!/usr/bin/env python3
"""Attacks a host of Vectis on this machine, and prints what each attack cost it: make attack.

Every attack runs for a limited time against a host of its own process, on loopback only. Meanwhile a program sends events, of which each
fifth must become exactly one ticket in a HaloPSA simulator, and another asks for /healthz. An attack fails if the host ends, needs more
memory than the limit, loses or doubles an event, or stores what a stranger should not make it store. The time of /healthz is printed;
with --strict it may not be over its limit at the 99th percentile either.

It needs Python 3.9 and nothing else.
"""

import argparse
import http.client
import json
import multiprocessing
import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

MEMORY_LIMIT = 300  # MB
HEALTH_LIMIT = 250  # ms
EVENTS_PER_SECOND = 10
TICKETS = 100  # A connection creates 120 in ten minutes; beyond, a person decides.
PASSWORD_LIMIT = 20  # Seconds until the right password is accepted under attack.

# Addresses of this machine, so that limits for each address can be seen.
ADMIN, SENDER, PROBE = "127.0.0.1", "127.0.0.8", "127.0.0.9"


def stranger(number):
    """The address of an attacker."""
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


class Failed(Exception):
    """An attack had an effect that it must not have."""


def check(condition, text):
    if not condition:
        raise Failed(text)


# Processes


class Process:
    """A vectis process that prints one JSON object when it is ready."""

    def __init__(self, arguments, log=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            arguments + ["--json", "--until-input-ends"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
            env={"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LANG": "C.UTF-8"})
        line = self.process.stdout.readline()
        if not line:
            raise Failed(f"{' '.join(arguments)} did not start: status {self.process.wait()}")
        self.facts = json.loads(line)
        self.url = self.facts["url"]
        self.port = urllib.parse.urlparse(self.url).port

    def memory(self):
        """The resident memory in MB."""
        with open(f"/proc/{self.process.pid}/status") as file:
            for line in file:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) / 1024
        return 0

    def is_running(self):
        return self.process.poll() is None

    def stop(self, limit=20):
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(limit)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None


def request(port, method, path, body=None, headers=None, source=ADMIN, timeout=30):
    """Sends one request on a connection of its own; the status, headers and body of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout, source_address=(source, 0))
    try:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


class Administrator:
    """A signed-in administrator."""

    def __init__(self, host, password, source=ADMIN):
        self.host, self.source = host, source
        self.cookie, self.form = None, None
        status, headers, body = request(
            host.port, "POST", "/api/v1/session", json.dumps({"name": "admin", "password": password}),
            {"Content-Type": "application/json"}, source, 90)
        check(status == 200, f"the administrator could not sign in: {status}")
        self.cookie = "; ".join(value.split(";")[0] for value in headers.get_all("Set-Cookie"))
        self.form = json.loads(body)["formToken"]

    def send(self, method, path, body=None, kind="application/json", timeout=90):
        headers = {"Cookie": self.cookie, "X-Form-Token": self.form}
        if body is not None:
            headers["Content-Type"] = kind
        return request(self.host.port, method, path, body, headers, self.source, timeout)

    def json(self, method, path, body=None):
        status, _, answer = self.send(method, path, None if body is None else json.dumps(body))
        check(200 <= status <= 299, f"{method} {path}: {status} {answer[:300]}")
        return json.loads(answer or b"null")

    def submit(self, path, fields):
        status, headers, answer = self.send("POST", path, urllib.parse.urlencode(fields), "application/x-www-form-urlencoded")
        check(200 <= status <= 399, f"POST {path}: {status}")
        return headers.get("Location") or answer.decode()


# The host under attack


class Target:
    """A host with a connection to a simulator, an active rule, a sender of events and a prober of /healthz."""

    def __init__(self, vectis, folder, options=()):
        self.folder = folder
        self.simulator = Process([vectis, "simulate", "halopsa", "--tickets", "50"])
        connectors = os.path.join(folder, "connectors")
        os.makedirs(connectors, mode=0o700, exist_ok=True)
        with open(os.path.join(connectors, "flooder"), "w") as file:
            file.write(FLOODER)
        os.chmod(os.path.join(connectors, "flooder"), 0o700)
        self.data = os.path.join(folder, "data")
        self.log = open(os.path.join(folder, "log"), "w")
        self.host = Process(
            [vectis, "serve", "--data", self.data, "--port", "0", "--allow-loopback", "--connectors", connectors, *options], self.log)
        self.password = self.host.facts["password"]
        self.admin = Administrator(self.host, self.password)
        connection = self.admin.json("POST", "/api/v1/connections", {
            "connector": "halopsa", "acceptUntested": True,
            "settings": {"tenantURL": self.simulator.url, "clientID": self.simulator.facts["clientID"],
                         "clientSecret": self.simulator.facts["clientSecret"], "ticketTypeID": "1", "requestsPerFiveMinutes": "100000"}})
        self.connection = connection["id"]
        place = self.admin.submit("/rules/new", [
            ("name", "attack"), ("eventTypes", ""), ("connection", self.connection), ("summary", "{text}"), ("details", "{text}"),
            ("appendMinutes", "0"), ("limitCount", "10000"), ("limitMinutes", "10"), ("group0.test0.field", "severity"),
            ("group0.test0.comparison", "at_least"), ("group0.test0.value", "error"), ("action", "save")]).split("?")[0]
        self.admin.submit(place + "/mode", [("mode", "active"), ("revision", "1")])
        page = self.admin.submit("/api-keys", [("name", "attack"), ("scope", "events:send")])
        self.token = re.search(r"vectis_[A-Za-z0-9_-]+", page).group(0)
        self.sent, self.refused, self.wanted, self.sending = 0, 0, [], True
        self.sender = threading.Thread(target=self.send_events, daemon=True)
        self.sender.start()

    def send_events(self):
        while self.sending:
            started = time.monotonic()
            # Each fifth event becomes a ticket; no rule wants the others.
            is_wanted = self.sent % 5 == 0 and len(self.wanted) < TICKETS
            body = json.dumps({"source": "attack", "id": str(self.sent), "type": "attack.seen", "severity": "error" if is_wanted else "info",
                               "device": f"SRV-{self.sent}", "text": f"event-{self.sent} of the attack"})
            try:
                status, _, _ = request(self.host.port, "POST", "/api/v1/events", body,
                                       {"Authorization": "Bearer " + self.token, "Content-Type": "application/json"}, SENDER, 20)
            except OSError:
                status = 0
            # An event without a proven answer is sent again, as every sender does.
            if status in (200, 202):
                if is_wanted:
                    self.wanted.append(self.sent)
                self.sent += 1
            else:
                self.refused += 1
            time.sleep(max(0, 1 / EVENTS_PER_SECOND - (time.monotonic() - started)))

    def finish(self, limit=60):
        """Ends the sender, and checks that each accepted event that a rule wants has exactly one ticket."""
        self.sending = False
        self.sender.join(30)
        deadline = time.monotonic() + limit
        while True:
            # The counts of tickets by the event that their subject names.
            _, _, body = request(self.simulator.port, "GET", "/_simulator/records/tickets")
            counts = {}
            for row in json.loads(body):
                match = re.search(r"event-(\d+) of the attack", json.dumps(row))
                if match:
                    counts[int(match.group(1))] = counts.get(int(match.group(1)), 0) + 1
            missing = [number for number in self.wanted if number not in counts]
            doubled = [number for number, count in counts.items() if count > 1]
            check(not doubled, f"events with more than one ticket: {doubled[:5]}")
            if not missing:
                return
            check(time.monotonic() < deadline, f"{len(missing)} accepted events have no ticket")
            time.sleep(1)

    def rows(self, sql):
        """The first value of a query on the database of the host, read beside it."""
        database = sqlite3.connect(f"file:{self.data}/vectis.db?mode=ro", uri=True, timeout=20)
        try:
            return database.execute(sql).fetchone()[0]
        finally:
            database.close()

    def stop(self):
        self.sending = False
        statuses = [self.host.stop(), self.simulator.stop()]
        self.log.close()
        return statuses[0]


def probe(port, statuses, results, stopping):
    """Asks for /healthz 20 times a second, in a process of its own, and puts the times in milliseconds on a queue.

    An answer with another status than the given ones counts like none.
    """
    times = []
    while not stopping.is_set():
        started = time.monotonic()
        try:
            status, _, _ = request(port, "GET", "/healthz", source=PROBE, timeout=30)
        except OSError:
            status = 0
        times.append((time.monotonic() - started) * 1000 if status in statuses else 30_000)
        time.sleep(max(0, 0.05 - (time.monotonic() - started)))
    results.put(times)


class Watch:
    """Watches a host during an attack: memory, and the time of /healthz."""

    def __init__(self, host, statuses=(200,)):
        self.host, self.peak = host, host.memory()
        self.results, self.stopping = multiprocessing.Queue(), multiprocessing.Event()
        self.prober = multiprocessing.Process(target=probe, args=(host.port, statuses, self.results, self.stopping), daemon=True)
        self.prober.start()
        self.watching = True
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while self.watching and self.host.is_running():
            try:
                self.peak = max(self.peak, self.host.memory())
            except OSError:
                return
            time.sleep(0.05)

    def end(self):
        """The peak memory in MB, and the 99th percentile of /healthz in ms."""
        self.stopping.set()
        times = sorted(self.results.get(timeout=60))
        self.prober.join(10)
        self.watching = False
        self.thread.join(10)
        return self.peak, times[min(len(times) - 1, len(times) * 99 // 100)] if times else 30_000


def in_parallel(count, seconds, work):
    """Runs work(number) again and again in threads; how often it ran."""
    deadline, done = time.monotonic() + seconds, [0] * count

    def loop(number):
        while time.monotonic() < deadline:
            try:
                work(number)
            except (OSError, http.client.HTTPException):
                time.sleep(0.01)
            done[number] += 1

    threads = [threading.Thread(target=loop, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 120)
    return sum(done)


# The attacks: each takes the target and its seconds, and returns what it did in a few words.


def refused_sign_ins(target, seconds):
    """Wrong passwords from a few addresses."""
    entries = "SELECT count(*) FROM audit_entry WHERE action LIKE 'account.sign_in%'"
    before = target.rows(entries)

    def guess(number):
        body = json.dumps({"name": f"user{random.randrange(10_000)}", "password": "wrong"})
        request(target.host.port, "POST", "/api/v1/session", body, {"Content-Type": "application/json"}, stranger(number % 4))

    count = in_parallel(16, seconds, guess)
    more = target.rows(entries) - before
    # Two for each address and window of fifteen minutes, and a window may end meanwhile.
    check(more <= 4 * 4, f"{count} refused sign-ins made {more} entries in the audit log")
    return f"{count} sign-ins, {more} audit entries"


def many_guessers(target, seconds):
    """Wrong passwords for the administrator's account from 60 addresses, while the administrator signs in."""
    waits = []

    def guess(number):
        request(target.host.port, "POST", "/api/v1/session", json.dumps({"name": "admin", "password": "wrong"}),
                {"Content-Type": "application/json"}, stranger(number))

    def sign_in():
        time.sleep(seconds / 2)
        started = time.monotonic()
        status, _, _ = request(
            target.host.port, "POST", "/api/v1/session", json.dumps({"name": "admin", "password": target.password}),
            {"Content-Type": "application/json", "Cookie": target.admin.cookie}, ADMIN, 90)
        waits.append((status, time.monotonic() - started))

    person = threading.Thread(target=sign_in)
    person.start()
    count = in_parallel(60, seconds, guess)
    person.join(120)
    status, wait = waits[0]
    check(status == 200, f"the right password from a known device was answered {status}")
    check(wait < PASSWORD_LIMIT, f"the right password took {wait:.0f} s")
    return f"{count} guesses, sign-in {wait:.1f} s"


def idle_connections(target, seconds):
    """Idle connections from two addresses and from a hundred."""
    sockets, opened = [], 0
    try:
        for number in range(1200):
            try:
                sockets.append(socket.create_connection(
                    ("127.0.0.1", target.host.port), 5, (stranger(number % 2 if number < 700 else number), 0)))
                opened += 1
            except OSError:
                break
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status, _, _ = target.admin.send("GET", "/api/v1/connections", timeout=5)
            check(status == 200, f"an administrator was answered {status}")
            time.sleep(0.2)
    finally:
        for one in sockets:
            one.close()
    return f"{opened} connections"


def slow_requests(target, seconds):
    """Requests that arrive a byte at a time, from 50 addresses."""
    sockets = []
    for number in range(200):
        try:
            one = socket.create_connection(("127.0.0.1", target.host.port), 5, (stranger(number % 50), 0))
            one.sendall(b"POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n")
            sockets.append(one)
        except OSError:
            pass
    deadline, sent = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        for one in sockets:
            try:
                one.sendall(b"X")
                sent += 1
            except OSError:
                pass
        status, _, _ = target.admin.send("GET", "/api/v1/connections", timeout=5)
        check(status == 200, f"an administrator was answered {status}")
        time.sleep(0.2)
    for one in sockets:
        one.close()
    return f"{len(sockets)} connections, {sent} bytes"


HEADS = [
    b"GET /healthz HTTP/1.1\r\nHost: {host}\r\nContent-Length:\r\n 44\r\n\r\nGET /healthz HTTP/1.1\r\nHost: {host}\r\nX: \r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding:\r\n\tchunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET /healthz HTTP/1.1\rHost: {host}\r\r",
    b"GET /healthz HTTP/1.1\r\nHost: {host}\r\nX-One: a\rb\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: {host}\r\nX-One: a\0b\r\n\r\n",
    b"GET /healthz\0 HTTP/1.1\r\nHost: {host}\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: {host}\r\nX-\0One: b\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
    b"GET /healthz HTTP/1.1\r\nHost: {host}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
]


def malformed_heads(target, seconds):
    """Heads that can be read in two ways must be refused; random damage must not matter."""
    host = f"127.0.0.1:{target.host.port}".encode()

    def answers(data, source):
        with socket.create_connection(("127.0.0.1", target.host.port), 5, (source, 0)) as one:
            one.sendall(data)
            one.shutdown(socket.SHUT_WR)
            one.settimeout(1)
            received = b""
            while len(received) < 100_000:
                try:
                    part = one.recv(65_536)
                except socket.timeout:
                    # The rest of a head is waited for until the deadline of a request.
                    break
                if not part:
                    break
                received += part
            return received

    for number, head in enumerate(HEADS):
        received = answers(head.replace(b"{host}", host), stranger(number))
        statuses = re.findall(rb"HTTP/1\.1 (\d\d\d)", received)
        check(statuses in ([], [b"400"]), f"head {number} was answered {statuses}")
    random.seed(1)

    def damaged(number):
        head = bytearray(random.choice(HEADS + [b"POST /api/v1/events HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabc"]).replace(
            b"{host}", host))
        for _ in range(random.randrange(1, 5)):
            place = random.randrange(len(head))
            if random.random() < 0.5:
                head[place] = random.choice(b"\0\r\n\t :;,\x7f\xff\x80GETaz09")
            else:
                head[place:place] = random.choice([b"\r", b"\n", b"\r\n", b"\0", b" ", b"\r\n\r\n", b":"])
        answers(bytes(head), stranger(number))

    return f"{in_parallel(8, seconds, damaged) + len(HEADS)} heads"


class HostileVendor:
    """A server that answers the token request well, and every other request with the bytes of an attack."""

    def __init__(self, attack):
        self.attack, self.bytes = attack, 0
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        try:
            while True:
                head = b""
                while b"\r\n\r\n" not in head:
                    part = connection.recv(65_536)
                    if not part:
                        return
                    head += part
                head, _, body = head.partition(b"\r\n\r\n")
                length = re.search(rb"(?i)content-length: *(\d+)", head)
                while length and len(body) < int(length.group(1)):
                    body += connection.recv(65_536)
                if b"/token" in head.split(b"\r\n")[0]:
                    answer = json.dumps({"access_token": "t", "expires_in": 3600, "token_type": "Bearer", "scope": "all"}).encode()
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
                    continue
                for part in self.attack():
                    connection.sendall(part)
                    self.bytes += len(part)
                return
        except OSError:
            pass
        finally:
            connection.close()

    def close(self):
        self.socket.close()


OK_JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def endless(start, part):
    def attack():
        yield start
        while True:
            yield part
    return attack


def big(body):
    def attack():
        yield OK_JSON + b"Content-Length: %d\r\n\r\n" % len(body)
        for place in range(0, len(body), 1 << 18):
            yield body[place:place + (1 << 18)]
    return attack


def drip():
    yield OK_JSON + b"Content-Length: 1000000\r\n\r\n["
    while True:
        time.sleep(0.2)
        yield b" "


SIZE = 32 * 1024 * 1024 - 64
VENDORS = {
    "chunked trailers": endless(OK_JSON + b"Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n", b"X-Trailer: " + b"x" * 60_000 + b"\r\n"),
    "headers": endless(b"HTTP/1.1 200 OK\r\n", b"X-Header: " + b"x" * 8_000 + b"\r\n"),
    "interim answers": endless(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 1_000),
    "chunk extensions": endless(OK_JSON + b"Transfer-Encoding: chunked\r\n\r\n", b"1;" + b"x" * 8_000 + b"\r\n \r\n"),
    "a body without an end": endless(OK_JSON + b"\r\n", b" " * 262_144),
    "32 MiB of empty rows": big(b'{"record_count":10,"tickets":[' + b"{}," * (SIZE // 3) + b"{}]}"),
    "32 MiB of small rows": big(b'{"record_count":10,"clients":[' + b'{"id":1,"name":"a"},' * (SIZE // 20) + b'{"id":2}]}'),
    "32 MiB of nesting": big(b"[" * SIZE),
    "a body that drips": drip,
}


def hostile_vendors(target, seconds):
    """PSAs that answer with what exhausts memory, all kinds at once and two tests of each."""
    vendors = [HostileVendor(attack) for attack in VENDORS.values()]

    def test(number):
        target.admin.send("POST", "/api/v1/connection-tests", json.dumps({
            "connector": "halopsa", "settings": {"tenantURL": vendors[number % len(vendors)].url, "clientID": "a", "clientSecret": "b"}}))

    count = in_parallel(2 * len(vendors), seconds, test)
    for vendor in vendors:
        vendor.close()
    return f"{count} tests of {len(vendors)} kinds, {sum(vendor.bytes for vendor in vendors) >> 20} MB offered"


# A connector program that asks and asks, and never reads the answers.
FLOODER = r"""#!/usr/bin/env python3
import json, sys
def say(**message):
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()
say(type="hello", contract=1)
for line in sys.stdin:
    m = json.loads(line)
    if m["type"] != "call":
        continue
    if m["method"] == "describe":
        say(type="result", id=m["id"], value={
            "id": "flooder", "displayName": "Flooder", "capabilities": ["read.companies", "read.tickets"], "guide": "# Connect\n\n## 1 Address\n\nAny.\n",
            "pace": {"requests": 100000, "seconds": 60},
            "settings": [{"key": "serverURL", "label": "Server", "help": "Where it is.", "example": "https://a.example.com", "kind": "serviceURL",
                          "purpose": "tenant", "required": True, "anchor": "1-address"}]})
    elif m["method"] == "open":
        url = m["arguments"]["settings"]["serverURL"]
        say(type="result", id=m["id"], value={})
    else:
        number = 0
        while True:
            number += 1
            say(type="request", id=f"r{number}", call=m["id"], method="GET", url=url + "/big", route="/big", headers={})
"""


def hostile_program(target, seconds):
    """A connector program that asks without end and reads nothing."""
    vendor = HostileVendor(big(b'"' + b"x" * 500_000 + b'"'))

    def test(number):
        target.admin.send("POST", "/api/v1/connection-tests", json.dumps({"connector": "flooder", "settings": {"serverURL": vendor.url}}))

    count = in_parallel(2, seconds, test)
    vendor.close()
    return f"{count} tests, {vendor.bytes >> 20} MB offered"


def audit_searches(target, seconds):
    """Eight searches of the audit log at once, by a signed-in person."""

    def search(number):
        target.admin.send("GET", f"/audit?target=x{random.randrange(1000)}&actor=unknown")

    return f"{in_parallel(8, seconds, search)} pages"


def choices(target, seconds):
    """A signed-in person loads the choices of the ticket defaults again and again."""

    def load(number):
        target.admin.send("GET", f"/api/v1/connections/{target.connection}/ticket-choices")

    count = in_parallel(8, seconds, load)
    _, _, body = request(target.simulator.port, "GET", "/_simulator/request-counts")
    return f"{count} requests, {sum(json.loads(body).values())} to the PSA in all"


ATTACKS = [
    ("refused sign-ins", refused_sign_ins), ("guessers from 60 addresses", many_guessers), ("idle connections", idle_connections),
    ("slow requests", slow_requests), ("malformed heads", malformed_heads), ("hostile PSAs", hostile_vendors),
    ("hostile program", hostile_program), ("audit searches", audit_searches), ("ticket choices", choices),
]


def unread_log(vectis, folder, seconds):
    """A log pipe that no program reads: the host serves requests, and ends when it is asked to."""
    reading, writing = os.pipe()
    host = Process([vectis, "serve", "--data", os.path.join(folder, "unread"), "--port", "0", "--no-sync"], writing)
    os.close(writing)
    watch = Watch(host)

    def load(number):
        request(host.port, "GET", f"/unknown-{number}", source=stranger(number), timeout=5)

    count = in_parallel(8, seconds, load)
    memory, health = watch.end()
    started = time.monotonic()
    status = host.stop(limit=20)
    took = time.monotonic() - started
    os.close(reading)
    check(status == 0, f"the host did not end: {status}")
    return memory, health, f"{count} requests, ended in {took:.1f} s"


def full_disk(vectis, folder, seconds):
    """A small disk that is filled: events are refused, and accepted again when there is space."""
    disk = os.path.join(folder, "disk")
    os.makedirs(disk, exist_ok=True)
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=192m", "tmpfs", disk], stderr=subprocess.DEVNULL).returncode:
        return None
    try:
        target = Target(vectis, disk)
        # While nothing can be stored /healthz says so with 503.
        watch = Watch(target.host, (200, 503))
        filler = os.path.join(disk, "filler")
        # Unbuffered: what a buffer still held would be written, and refused, when the file is closed.
        with open(filler, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"x" * (1 << 16))
            except OSError:
                pass
        time.sleep(seconds / 2)
        before = target.sent
        status, headers, _ = request(
            target.host.port, "POST", "/api/v1/events", json.dumps({"source": "attack", "id": "full", "type": "attack.seen", "severity": "info",
                                                                    "text": "no rule wants this"}),
            {"Authorization": "Bearer " + target.token, "Content-Type": "application/json"}, SENDER)
        check(status == 507 and headers.get("Retry-After"), f"an event on a full disk was answered {status}")
        os.remove(filler)
        time.sleep(seconds / 2 + 5)
        check(target.sent > before, "no event is accepted although there is space again")
        memory, health = watch.end()
        target.finish()
        check(target.stop() == 0, "the host did not end well")
        return memory, health, f"{target.refused} events refused, {target.sent} accepted"
    finally:
        subprocess.run(["umount", "-l", disk], stderr=subprocess.DEVNULL)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vectis", help="the program")
    parser.add_argument("--seconds", type=float, default=20, help="seconds of each attack")
    parser.add_argument("--only", help="only attacks with this text in their name")
    parser.add_argument("--strict", action="store_true", help="fail if /healthz is over its limit")
    options = parser.parse_args()
    failures = 0
    print(f"Limits: {MEMORY_LIMIT} MB resident, /healthz {HEALTH_LIMIT} ms at the 99th percentile; {options.seconds:.0f} s for each attack.\n")
    print(f"{'attack':30}{'peak MB':>9}{'p99 ms':>9}{'events':>8}   result", flush=True)

    def report(name, memory, health, events, text):
        nonlocal failures
        problems = []
        if memory > MEMORY_LIMIT:
            problems.append("over the memory limit")
        if health > HEALTH_LIMIT and options.strict:
            problems.append("/healthz over its limit")
        failures += bool(problems)
        print(f"{name:30}{memory:9.0f}{health:9.0f}{events:8}   {text}{' — FAILED: ' + ', '.join(problems) if problems else ''}", flush=True)

    def failed(name, error):
        nonlocal failures
        failures += 1
        print(f"{name:30}{'':26}   FAILED: {error}", flush=True)

    with tempfile.TemporaryDirectory(prefix="vectis-attack-") as folder:
        for place, (name, attack) in enumerate(ATTACKS):
            if options.only and options.only not in name:
                continue
            target = None
            try:
                own = os.path.join(folder, str(place))
                os.makedirs(own)
                target = Target(options.vectis, own)
                time.sleep(1)
                watch = Watch(target.host)
                text = attack(target, options.seconds)
                memory, health = watch.end()
                check(target.host.is_running(), "the host ended")
                target.finish()
                check(target.stop() == 0, "the host did not end well")
                report(name, memory, health, target.sent, text)
            except Exception as error:  # Whatever it is, the next attack runs.
                if target:
                    target.stop()
                failed(name, error if isinstance(error, Failed) else repr(error))
        for name, attack in [("unread log", unread_log), ("full disk", full_disk)]:
            if options.only and options.only not in name:
                continue
            try:
                result = attack(options.vectis, folder, options.seconds)
                if result is None:
                    print(f"{name:30}{'':26}   skipped: it needs the right to mount a file system", flush=True)
                else:
                    report(name, result[0], result[1], "", result[2])
            except Exception as error:
                failed(name, error if isinstance(error, Failed) else repr(error))
    print(f"\n{failures} attacks had an effect." if failures else "\nNo attack had an effect.")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
