"""Runs published HaloPSA clients against the simulator: python clients.py halopsa|haloitsm PORT CLIENT_ID CLIENT_SECRET

Both hard-code https://TENANT.halopsa.com, so their sessions get an adapter that sends the same requests to the simulator.
"""

import sys
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter

which, port, client_id, client_secret = sys.argv[1:5]


class SimulatorAdapter(HTTPAdapter):
    def send(self, request, **options):
        parts = urlsplit(request.url)
        request.url = urlunsplit(("http", f"127.0.0.1:{port}", parts.path, parts.query, ""))
        options.pop("proxies", None)
        return super().send(request, **options)


make_session = requests.Session.__init__


def make_redirected_session(session):
    make_session(session)
    session.trust_env = False
    session.mount("https://", SimulatorAdapter())


requests.Session.__init__ = make_redirected_session


def must_be_rejected(call, kind=Exception):
    try:
        call()
    except kind as error:
        print("rejected as expected:", str(error)[:120])
        return
    raise SystemExit("was accepted, but must be rejected")


def halopsa():
    from HaloPSA.Halo import Halo

    halo = Halo(tenant="acme", clientid=client_id, secret=client_secret)

    page = halo.Tickets.search(pageinate=True, page_size=100, page_no=2)
    assert len(page["tickets"]) == 100 and page["record_count"] == 250, page["record_count"]
    assert len(halo.Tickets.search()["tickets"]) == 50, "unpaged lists give 50 rows"
    detail = halo.Tickets.get(page["tickets"][0]["id"], includedetails=True)
    assert detail["customfields"], "details carry custom fields"

    created = halo.Tickets.update(summary="From another client", tickettype_id=1, client_id=12, details="text")
    assert created["summary"] == "From another client" and created["client_id"] == 12
    changed = halo.Tickets.update(id=created["id"], status_id=2)
    assert (changed["id"], changed["status_id"], changed["summary"]) == (created["id"], 2, created["summary"])
    action = halo.Actions.update(ticket_id=created["id"], outcome_id=7, note_html="<p>n</p>", hiddenfromuser=True)
    assert halo.Actions.get(id=action["id"], ticket_id=created["id"])["outcome"] == "Internal Note"

    for rows in (
        halo.Clients.search()["clients"], halo.Users.search()["users"], halo.Sites.search()["sites"],
        halo.Contracts.search()["contracts"], halo.RecurringInvoices.search()["invoices"], halo.Status.search(),
        halo.Teams.search(), halo.TicketTypes.search(), halo.Agents.search(),
    ):
        assert rows
    must_be_rejected(lambda: Halo(tenant="acme", clientid=client_id, secret="wrong"), ValueError)
    must_be_rejected(lambda: halo.Tickets.update(summary="x", status_id=777), ValueError)


def haloitsm():
    from halo import HaloClient

    client = HaloClient(base_url="https://acme.halopsa.com", client_id=client_id, client_secret=client_secret)
    # Its session mounts adapters of its own later; ours goes in front of them.
    client.session.session.mount("https://", SimulatorAdapter())

    assert len(client.tickets.list(page_size=100, page_no=1)) == 100
    assert client.tickets.get(1001, includedetails=True).raw["customfields"]
    assert all("printer" in ticket.summary.lower() for ticket in client.tickets.search("printer"))
    assert client.clients.list() and client.clients.get(12).name
    assert client.users.list(client_id=12) and client.ticket_types.get(1).name == "Incident"
    assert client.actions.list(ticket_id=1001)
    # It posts a bare object, which HaloPSA rejects.
    must_be_rejected(lambda: client.create_ticket({"summary": "a bare object"}))


{"halopsa": halopsa, "haloitsm": haloitsm}[which]()
print("done")
