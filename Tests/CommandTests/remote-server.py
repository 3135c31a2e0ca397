"""A billing system for tests, on the loopback: it forgets, repeats, refuses and is silent, as it is told.

Usage: remote-server.py FOLDER

With FOLDER/certificate.pem it speaks HTTPS. Writes its port to FOLDER/port, and ends when FOLDER/stop is there, or after two minutes. Each line of FOLDER/script says
what is done with the next POST; without a line it is answered:

  answer        keeps it and answers
  forget        keeps it, and closes the connection without an answer
  drop          closes the connection
  silent        keeps it, and does not answer
  late-error    keeps it, and answers 500
  page          answers 200 with a page for people, and keeps nothing
  error, busy, conflict, refuse, forbid   answers 500, 429, 409, 400 or 401, and keeps nothing
  prune         forgets the keys of what it keeps, then answers
  kill-before   kills the process of FOLDER/pid
  kill-after    keeps it, and kills that process
  look-error    answers the next GET with 500; then as the next line says

What it keeps is in FOLDER/there, a JSON object a line. Like the real ones, Stripe and receivers of CloudEvents do a thing
once for a key; Lago and Kill Bill do it as often as they are asked.
"""

import json
import os
import signal
import ssl
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder = sys.argv[1]
lock = threading.Lock()
kept = []
keys = {}
failing_looks = 0


def next_step():
    path = os.path.join(folder, "script")
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().split()
    except FileNotFoundError:
        return "answer"
    if not lines:
        return "answer"
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines[1:]))
    return lines[0]


def kill():
    with open(os.path.join(folder, "pid"), encoding="utf-8") as file:
        os.kill(int(file.read()), signal.SIGKILL)


def read(path, body):
    """The customer, key and amount of a message; negative is for the customer."""
    if path.startswith("/v1/"):
        form = dict(urllib.parse.parse_qsl(body, strict_parsing=True))
        customer = urllib.parse.unquote(path.split("/")[3]) if "/customers/" in path else form["invoice"]
        return customer, form["metadata[redress]"], form["amount"]
    value = json.loads(body, parse_float=str)
    if "wallet_transaction" in value:
        value = value["wallet_transaction"]
        key = [note["value"] for note in value["metadata"] if note["key"] == "redress"][0]
        amount = "-" + value["granted_credits"] if "granted_credits" in value else value["voided_credits"]
        return value["wallet_id"], key, amount
    if isinstance(value, list):
        sign = "-" if path.startswith("/1.0/kb/credits") else ""
        return value[0]["accountId"], value[0]["itemDetails"], sign + str(value[0]["amount"])
    return value["data"]["customer"], value["id"], value["data"]["amount"]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def hang_up(self):
        self.close_connection = True
        self.connection.close()

    def answer(self, status, value, headers=()):
        body = json.dumps(value).encode()
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def made(self, entry):
        if self.path.startswith("/api/"):
            return {"wallet_transactions": [{"lago_id": entry["id"]}]}
        if self.path.startswith("/1.0/"):
            return [{"invoiceItemId": entry["id"]}]
        return {"id": entry["id"]}

    def keep(self, body):
        customer, key, amount = read(self.path, body)
        has_keys = self.headers.get("Idempotency-Key") is not None
        if has_keys and key in keys:
            return keys[key]
        entry = {"key": key, "amount": amount, "id": f"there-{len(kept) + 1}", "customer": customer}
        kept.append(entry)
        keys[key] = entry
        with open(os.path.join(folder, "there"), "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
        return entry

    def do_POST(self):
        global failing_looks
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with lock:
            step = next_step()
            while step == "look-error":
                failing_looks += 1
                step = next_step()
            if step == "prune":
                keys.clear()
                step = "answer"
            if step in ("answer", "forget", "silent", "late-error", "kill-after"):
                entry = self.keep(body)
        if step in ("forget", "drop"):
            self.hang_up()
        elif step == "silent":
            time.sleep(2)
            self.hang_up()
        elif step in ("kill-before", "kill-after"):
            kill()
            self.hang_up()
        elif step == "answer":
            self.answer(200, self.made(entry))
        elif step in ("error", "late-error"):
            self.answer(500, {"error": "out of order"})
        elif step == "page":
            self.answer(200, "We are down for maintenance")
        elif step == "busy":
            self.answer(429, {}, [("Retry-After", "0")])
        elif step == "conflict":
            self.answer(409, {})
        elif step == "refuse":
            self.answer(400, {"error": {"message": "no such customer"}})
        elif step == "forbid":
            self.answer(401, {"error": "no such key: " + self.headers.get("Authorization", "")})
        else:
            raise ValueError(step)

    def do_GET(self):
        global failing_looks
        with lock:
            if failing_looks > 0:
                failing_looks -= 1
                self.answer(500, {})
                return
            there = list(kept)
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        parts = url.path.split("/")
        if url.path.startswith("/v1/"):
            rows = [
                {"id": e["id"], "amount": int(e["amount"]), "metadata": {"redress": e["key"]}}
                for e in there if e["customer"] == urllib.parse.unquote(parts[3])
            ]
            # One a page, so that all pages are read.
            after = query.get("starting_after")
            start = next((i + 1 for i, row in enumerate(rows) if row["id"] == after), 0)
            self.answer(200, {"data": rows[start:start + 1], "has_more": start + 1 < len(rows)})
        elif url.path.startswith("/api/"):
            rows = [
                {
                    "lago_id": e["id"], "status": "settled", "credit_amount": e["amount"].lstrip("-"),
                    "transaction_type": "inbound" if e["amount"].startswith("-") else "outbound",
                    "metadata": [{"key": "redress", "value": e["key"]}],
                }
                for e in there if e["customer"] == parts[4]
            ]
            page = int(query["page"])
            next_page = page + 1 if page < len(rows) else None
            self.answer(
                200, {"wallet_transactions": rows[page - 1:page], "meta": {"next_page": next_page}})
        else:
            rows = [
                {"invoiceId": e["id"], "items": [
                    {"invoiceItemId": e["id"], "itemDetails": e["key"], "amount": float(e["amount"])}]}
                for e in there if e["customer"] == parts[4]
            ]
            self.answer(200, rows)


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
certificate = os.path.join(folder, "certificate.pem")
if os.path.exists(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, os.path.join(folder, "key.pem"))
    server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open(os.path.join(folder, "port.new"), "w", encoding="utf-8") as file:
    file.write(str(server.server_port))
os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
end = time.monotonic() + 120
while not os.path.exists(os.path.join(folder, "stop")) and time.monotonic() < end:
    time.sleep(0.02)
