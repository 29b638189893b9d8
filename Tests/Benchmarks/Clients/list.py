"""Lists all tickets as a script would: python list.py json|orjson|halopsa ADDRESS plain|json

Prints the columns of `vectis list tickets`, or one JSON object a line.
"""

import json
import sys
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

library, address, mode = sys.argv[1:4]
query = {"pageinate": "true", "page_size": 100, "order": "id", "orderdesc": "false", "includeclosed": "true"}


def pages_by_requests():
    if library == "orjson":
        import orjson

        decode = orjson.loads
    else:
        decode = json.loads
    session = requests.Session()
    session.trust_env = False
    form = {"grant_type": "client_credentials", "client_id": "x", "client_secret": "x", "scope": "all"}
    token = session.post(address + "/auth/token", data=form).json()["access_token"]
    session.headers["Authorization"] = "Bearer " + token
    page = 0
    while True:
        page += 1
        rows = decode(session.get(address + "/api/Tickets", params=dict(query, page_no=page)).content)["tickets"]
        if not rows:
            return
        yield rows


def pages_by_halopsa():
    """The published client hard-codes https://TENANT.halopsa.com, so an adapter sends its requests to the server here."""

    class Redirection(HTTPAdapter):
        def send(self, request, **options):
            parts = urlsplit(request.url)
            request.url = urlunsplit(("http", urlsplit(address).netloc, parts.path, parts.query, ""))
            options.pop("proxies", None)
            return super().send(request, **options)

    make_session = requests.Session.__init__

    def make_redirected_session(session):
        make_session(session)
        session.trust_env = False
        session.mount("https://", Redirection())

    requests.Session.__init__ = make_redirected_session
    from HaloPSA.Halo import Halo

    halo = Halo(tenant="acme", clientid="x", secret="x")
    page = 0
    while True:
        page += 1
        rows = halo.Tickets.search(pageinate=True, page_no=page, page_size=100, order="id", orderdesc=False, includeclosed=True)["tickets"]
        if not rows:
            return
        yield rows


def date(text):
    return text[:19] + "Z" if text and text >= "1980" else ""


def phase(row):
    return "closed" if row.get("hasbeenclosed") else "waiting" if row.get("onhold") else "open"


def cut(text, width):
    return text.ljust(width) if len(text) <= width else text[: width - 1] + "…"


def name(row, number, label):
    return str(row.get(label) or row[number]) if (row.get(number) or 0) > 0 else ""


def plain(row):
    return "  ".join((
        cut(str(row["id"]), 8), cut(phase(row), 7), cut(name(row, "status_id", "status_name"), 6),
        cut(name(row, "priority_id", "priority_name"), 4), cut(date(row.get("last_update")), 20),
        cut(name(row, "client_id", "client_name"), 26), row["summary"],
    ))


def as_json(row):
    def reference(number, label):
        if (row.get(number) or 0) <= 0:
            return None
        return {"id": str(row[number]), "name": row[label]} if row.get(label) else {"id": str(row[number])}

    members = {
        "id": str(row["id"]), "number": str(row["id"]), "summary": row["summary"], "details": row.get("details"),
        "company": reference("client_id", "client_name"), "contact": reference("user_id", "user_name"),
        "type": reference("tickettype_id", "tickettype_name"), "status": reference("status_id", "status_name"), "phase": phase(row),
        "priority": reference("priority_id", "priority_name"),
        "assignee": None if row.get("agent_id") == 1 else reference("agent_id", "agent_name"),
        "createdAt": date(row.get("dateoccurred")), "updatedAt": date(row.get("last_update")),
        "lastActivityAt": date(row.get("lastactiondate")), "closedAt": date(row.get("dateclosed")),
        "dueAt": date(row.get("deadlinedate")) or date(row.get("fixbydate")), "webAddress": f"{address}/ticket?id={row['id']}",
    }
    return {key: value for key, value in members.items() if value not in (None, "")}


if library == "orjson":
    import orjson

    def encode(row):
        return orjson.dumps(row).decode()
else:
    def encode(row):
        return json.dumps(row, ensure_ascii=False, separators=(",", ":"))

if mode == "plain":
    print("ID        PHASE    STATUS  PRIO  CHANGED               COMPANY                     SUMMARY")
for rows in pages_by_halopsa() if library == "halopsa" else pages_by_requests():
    lines = [plain(row) if mode == "plain" else encode(as_json(row)) for row in rows]
    sys.stdout.write("\n".join(lines) + "\n")
