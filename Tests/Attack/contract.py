#!/usr/bin/env python3
"""Compares the answers of a host with Docs/OpenAPI.json through the fuzzer schemathesis: make contract.

It starts a HaloPSA simulator and a host, signs in, and lets schemathesis send valid and invalid requests to every operation for a limited
time. No answer may have a status, a kind of content or a form of body that the document does not name, and none may be a server's error but
those that the document names: 501 and 502 for what a connector or its PSA answers, 503 and 507 with Retry-After.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from attack import Administrator, Process

# Would end the session that all other requests need, or change its password.
EXCLUDED = ["DELETE /api/v1/session", "PUT /api/v1/account/password"]
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


CONFIGURATION = """
[checks.not_a_server_error]
expected-statuses = ["2xx", "3xx", "4xx", 501, 502, 503, 507]
"""


def run(program, host, header, seconds, seed, selection, folder):
    command = [
        program, "run", host.url + "/api/v1/openapi.json", "--url", host.url, "--checks", CHECKS, "--max-time", str(seconds), "--workers", "1",
        "--seed", str(seed), "--request-timeout", "60", "--suppress-health-check", "all", "--phases", "examples,coverage,fuzzing",
        "--continue-on-failure", "--warnings", "off",
    ]
    for name, value in header.items():
        command += ["--header", f"{name}: {value}"]
    with open(os.path.join(folder, "schemathesis.toml"), "w") as file:
        file.write(CONFIGURATION)
    # What schemathesis remembers of a run belongs to the run.
    return subprocess.run(command + selection, cwd=folder).returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vectis", help="the program")
    parser.add_argument("schemathesis", help="the fuzzer")
    parser.add_argument("--seconds", type=int, default=120, help="seconds in all")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the requests")
    options = parser.parse_args()
    vectis, program = os.path.abspath(options.vectis), os.path.abspath(options.schemathesis)
    with tempfile.TemporaryDirectory(prefix="vectis-contract-") as folder:
        simulator = Process([vectis, "simulate", "halopsa", "--tickets", "20"])
        with open(os.path.join(folder, "log"), "w") as log:
            host = Process([vectis, "serve", "--data", os.path.join(folder, "data"), "--port", "0", "--allow-loopback"], log)
            try:
                admin = Administrator(host, host.facts["password"])
                admin.json("POST", "/api/v1/connections", {
                    "connector": "halopsa", "acceptUntested": True,
                    "settings": {"tenantURL": simulator.url, "clientID": simulator.facts["clientID"],
                                 "clientSecret": simulator.facts["clientSecret"], "ticketTypeID": "1", "requestsPerFiveMinutes": "100000"}})
                token = admin.json("POST", "/api/v1/api-keys", {"name": "contract", "scopes": ["events:send"]})["key"]
                session = {"Cookie": admin.cookie, "X-Form-Token": admin.form}
                excluded = [word for name in EXCLUDED for word in ("--exclude-name", name)] + ["--exclude-path", "/api/v1/events"]
                events = ["--include-path", "/api/v1/events"]
                status = run(program, host, session, options.seconds * 5 // 6, options.seed, excluded, folder)
                status = run(program, host, {"Authorization": "Bearer " + token}, options.seconds // 6, options.seed, events, folder) or status
                if not host.is_running():
                    print("The host ended.")
                    status = 1
                if host.stop() != 0:
                    print("The host did not end well.")
                    status = 1
            finally:
                host.stop()
                simulator.stop()
    return status


if __name__ == "__main__":
    sys.exit(main())
