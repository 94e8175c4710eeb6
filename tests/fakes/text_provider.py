"""A provider of text messages on this machine that speaks as Twilio does, with numbers that have moods."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from urllib.parse import parse_qs

from amparo.kit.http import Guard
from amparo.mailings.carriers import batch_loop
from amparo.mailings.text_providers import twilio

HERE = ip_network("127.0.0.1/32")
ACCOUNT, TOKEN, SENDER = "AC0000", "a-token-nobody-else-has", "+441632960000"


class Provider:
    """What it took, by number; `moods` says for some numbers what it answers instead."""

    def __init__(self) -> None:
        #: (status, Twilio's code, its words), or "cut", "silent", "slow".
        self.moods: dict[str, tuple[int, int, str] | str] = {}
        self.took: list[dict[str, str]] = []
        self.asked: list[dict[str, str]] = []
        self.logins: set[str] = set()
        self.retry_after = ""
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.port = 0

    def said_to(self, number: str) -> list[str]:
        """The texts that this telephone got."""
        return [text["Body"] for text in self.took if text["To"] == number]


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            text = {name: values[0] for name, values in parse_qs(body).items()}
            with provider.lock:
                provider.asked.append(text)
                provider.logins.add(self.headers.get("Authorization", ""))
                provider.at_once += 1
                provider.most_at_once = max(provider.most_at_once, provider.at_once)
            try:
                self.answer(text)
            finally:
                with provider.lock:
                    provider.at_once -= 1

        def answer(self, text):
            mood = provider.moods.get(text["To"]) or provider.moods.get("everybody")
            if mood == "cut":
                # Taken, and the line breaks before the answer.
                provider.took.append(text)
                self.close_connection = True
                return
            if mood == "slow":
                time.sleep(0.1)
            elif mood:
                status, code, words = mood
                self.say(status, {"code": code, "message": words, "status": status})
                return
            with provider.lock:
                provider.took.append(text)
            self.say(201, {"sid": "SM1", "status": "queued"})

        def say(self, status, told):
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if provider.retry_after:
                self.send_header("Retry-After", provider.retry_after)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_words):
            pass

    return Handler


@contextmanager
def a_text_provider(settings, monkeypatch):
    """One that the installation is set up for, until the end."""
    provider = Provider()
    batch_loop.forget_hearings()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(provider))
    server.daemon_threads = True
    provider.port = server.server_address[1]
    running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    running.start()
    settings.AMPARO_SMS_PROVIDER = "twilio"
    settings.AMPARO_SMS_ACCOUNT, settings.AMPARO_SMS_TOKEN = ACCOUNT, TOKEN
    settings.AMPARO_SMS_SENDERS = {"": SENDER}
    settings.AMPARO_SMS_URL = f"http://127.0.0.1:{provider.port}"
    monkeypatch.setattr(twilio, "GUARD", Guard(networks=(HERE,), ports=frozenset({provider.port})))
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        running.join(5)
