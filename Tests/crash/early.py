"""A server that acknowledges too early, made of the real one: a proxy that answers 201 and only then hands the request on."""

import http.client
import http.server
import threading
import time

from series import Series


class Early(Series):
    """A series whose clients speak to the proxy. Losses must be found."""

    def set_up(self, base):
        super().set_up(base)
        series = self

        class Proxy(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body, headers = self.rfile.read(int(self.headers["Content-Length"])), dict(self.headers)
                answer = b"{}" if b"[" not in body[:1] else b'{"taken": %d}' % body.count(b'"values"')
                self.send_response(201)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
                threading.Thread(target=self.hand_on, args=(body, headers), daemon=True).start()

            def hand_on(self, body, headers):
                time.sleep(0.05)
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", series.program.port, timeout=20)
                    connection.request("POST", self.path, body, headers)
                    connection.getresponse().read()
                    connection.close()
                except (OSError, http.client.HTTPException):
                    pass

            def log_message(self, *_):
                pass
        self.proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
        self.is_up = True
        threading.Thread(target=self.proxy.serve_forever, daemon=True).start()

    @property
    def port(self):
        return self.proxy.server_address[1] if self.is_up else self.program.port

    def check(self, copy):
        self.is_up = False
        flaws = super().check(copy)
        self.is_up = True
        return flaws
