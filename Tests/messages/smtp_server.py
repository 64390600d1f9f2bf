"""A mail server for tests: smtp_server.py OUT FOLDER [--starttls | --tls] [--user NAME --password WORD] [--port N]

Prints its port when it listens. Each letter that it takes becomes one line of JSON in OUT, read by Python's own email package: sender,
recipients, headers decoded, the text. Recipients whose name begins with "nobody" do not exist (550); "busy" is told to come later (451).
With TLS it makes a certificate for localhost in FOLDER/cert.pem.
"""

import argparse
import asyncio
import json
import ssl
import subprocess
from email import policy
from email.parser import BytesParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

parser = argparse.ArgumentParser()
parser.add_argument("out")
parser.add_argument("folder")
parser.add_argument("--starttls", action="store_true")
parser.add_argument("--tls", action="store_true")
parser.add_argument("--user")
parser.add_argument("--password")
parser.add_argument("--port", type=int, default=0)
options = parser.parse_args()


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address.startswith("nobody"):
            return "550 no such mailbox"
        if address.startswith("busy"):
            return "451 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        raw = envelope.original_content or envelope.content
        message = BytesParser(policy=policy.default).parsebytes(raw)
        line = {
            "from": envelope.mail_from, "to": envelope.rcpt_tos, "headers": {name: str(value) for name, value in message.items()},
            "text": message.get_body(("plain",)).get_content(), "tls": session.ssl is not None, "who": getattr(session, "login_data", None) and "known",
            "longest": max(len(each) for each in raw.split(b"\r\n")), "defects": [str(each) for each in message.defects],
        }
        with open(options.out, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return "250 taken"


def certificate():
    folder = Path(options.folder)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    subprocess.run(command + ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def known(server, session, envelope, mechanism, data):
    good = data.login.decode() == options.user and data.password.decode() == options.password
    return AuthResult(success=good)


async def serve():
    context = certificate() if options.starttls or options.tls else None

    def protocol():
        settings = dict(hostname="localhost", enable_SMTPUTF8=False, loop=asyncio.get_running_loop())
        if options.starttls:
            settings |= dict(tls_context=context, require_starttls=True)
        if options.user:
            settings |= dict(authenticator=known, auth_required=True, auth_require_tls=options.starttls)
        return SMTP(Keeper(), **settings)

    server = await asyncio.get_running_loop().create_server(
        protocol, "127.0.0.1", options.port, ssl=context if options.tls else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(serve())
