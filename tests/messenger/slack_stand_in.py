"""A stand-in for Slack: chat.postMessage and an incoming webhook, with faults to switch on."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs

TOKEN = "xoxb-canary-token"
CHANNEL = "#quartet"
HOOK = "/services/T0/B0/canary-hook"


class SlackStandIn:
    """Answers as Slack does; `faults` are given one a request, then all is well again."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.posted: list[dict[str, Any]] = []
        self.requests = 0
        self.released = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def api_url(self) -> str:
        return f"{self.url}/api/"

    @property
    def hook_url(self) -> str:
        return self.url + HOOK

    @property
    def texts(self) -> list[str]:
        return [post["text"] for post in self.posted]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _make_handler(self) -> type[BaseHTTPRequestHandler]:
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                slack.requests += 1
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                fault = slack.faults.pop(0) if slack.faults else ""
                if fault == "silent":
                    slack.released.wait(10)
                    self.close_connection = True
                elif fault == "cut":
                    self.close_connection = True
                elif self.path == "/api/chat.postMessage":
                    self.answer_api(body, fault)
                elif self.path == HOOK:
                    self.answer_hook(body, fault)
                else:
                    self.answer(404, "no_service", {})

            def answer_api(self, body: str, fault: str) -> None:
                if self.headers.get_content_type() == "application/json":
                    post = json.loads(body)
                else:
                    post = {name: values[0] for name, values in parse_qs(body).items()}
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    fault = "invalid_auth"
                elif post.get("channel") != CHANNEL:
                    fault = "channel_not_found"
                if fault.startswith("429"):
                    self.answer_json(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": fault[4:] or "30"})
                elif fault == "500":
                    self.answer(500, "<html>Server Error</html>", {})
                elif fault:
                    self.answer_json(200, {"ok": False, "error": fault}, {})
                else:
                    slack.posted.append(post)
                    self.answer_json(200, {"ok": True, "channel": "C1", "ts": "1.2", "message": post}, {})

            def answer_hook(self, body: str, fault: str) -> None:
                if fault.startswith("429"):
                    self.answer(429, "rate_limited", {"Retry-After": fault[4:] or "30"})
                elif fault:
                    status = {"500": 500, "no_service": 404, "invalid_payload": 400}[fault]
                    self.answer(status, "Server Error" if status == 500 else fault, {})
                else:
                    slack.posted.append(json.loads(body))
                    self.answer(200, "ok", {})

            def answer_json(self, status: int, content: dict[str, Any], headers: dict[str, str]) -> None:
                self.answer(status, json.dumps(content), headers | {"Content-Type": "application/json; charset=utf-8"})

            def answer(self, status: int, text: str, headers: dict[str, str]) -> None:
                content = text.encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None: ...

        return Handler
