"""The doors of the house, each as a client that goes on submitting until the house falls."""

import io
import json
import tempfile
import time

from acts import File, Records, Session, Text, Want
from served import PASSWORD, Client, NoAnswer, TurnedAway
from world import COUNTY

CHUNK = 500  # rows that an import takes in one transaction
LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class Clients:
    """Connections of one thread of one life of the server."""

    def __init__(self, run, source):
        self.run, self.source, self.kept = run, source, {}

    def __call__(self, who, machine=True):
        if (who, machine) not in self.kept:
            person = self.run.world[who] if who else {}
            self.kept[who, machine] = Client(
                self.run.port, bearer=person.get("token") if machine else None, session=None if machine else person.get("session"),
                csrf=None if machine else person.get("csrf"), source=self.source)
        return self.kept[who, machine]

    def close(self):
        for client in self.kept.values():
            client.close()


def created(kind, want, who="officer", key=None):
    """One record through the API."""
    def send(clients):
        headers = {"Idempotency-Key": key} if key else {}
        status, _, answer = clients(who).json("POST", f"/api/records/{kind}", {"values": want.cells}, headers)
        return status in (200, 201), (answer or {}).get("id")
    return send


class Doors:
    """Makes acts. One of these for each thread, with a generator of its own."""

    def __init__(self, run, rng, number):
        self.run, self.rng, self.world = run, rng, run.world
        self.source = f"10.{number}.{rng.randrange(256)}.{rng.randrange(1, 255)}"
        self.clients = Clients(run, self.source)

    def mark(self):
        return "Q" + "".join(self.rng.choice(LETTERS) for _ in range(13))

    def id(self):
        return "".join(self.rng.choice(LETTERS) for _ in range(26))

    def do(self, act):
        """Sends an act for the first time. Whether it was taken."""
        self.run.begin(act)
        try:
            is_taken, id = act.send(self.clients)
        except TurnedAway:
            act.fate = "absent"
            self.run.turned_away += 1
            return False
        if is_taken:
            act.taken(id)
        else:
            act.fate = "refused"
        self.run.told(act)
        return is_taken

    # One record at a time

    def post(self, mark):
        return Want("post", {"name": mark, "employer": self.world["employer"]}, mark)

    def form(self):
        """A form of the site: its own id makes it one record however often it is sent."""
        id = self.id()
        if self.rng.random() < 0.5:
            want = Want("employer", {"name": self.mark(), "division": COUNTY, "hazards": "1", "since": "2016-05-01"}, id=id)
        else:
            want = Want("worker", {"name": self.mark()}, id=id)
        cells = want.cells | ({"phone": f"138{self.rng.randrange(10**8):08}"})

        def send(clients):
            status, headers, _ = clients("officer", False).form(f"/records/{want.kind}", cells | {"_key": id})
            return status == 303 and id in headers["Location"], id
        self.do(Records("form", send, wants=[want]))

    def api(self):
        want, key = self.post(self.mark()), self.id()
        self.do(Records("api", created("post", want, key=key), wants=[want], key=("officer", key)))

    def batch(self):
        """Many records in one request, as an array or as NDJSON; one row is bad now and then, which the others do not wait for."""
        key, lines = self.id(), self.rng.random() < 0.5
        wants = [self.post(self.mark()) for _ in range(self.rng.choice((2, 5, 40)))]
        values = [want.cells for want in wants]
        if self.rng.random() < 0.3:
            values.insert(self.rng.randrange(len(values)), {"name": ""})
        body = [{"values": cells} for cells in values]

        def send(clients):
            text = "\n".join(map(json.dumps, body)) if lines else json.dumps(body)
            status, _, answer = clients("officer").ask(
                "POST", "/api/records/post", text.encode(),
                {"Content-Type": "application/x-ndjson" if lines else "application/json", "Idempotency-Key": key})
            if status != 200:
                return False, None
            assert json.loads(answer)["taken"] == len(wants), answer[:300]
            return True, None
        self.do(Records("ndjson" if lines else "array", send, wants=wants, key=("officer", key)))

    def changes(self):
        """A record made, changed three times and withdrawn, each with the version that was seen."""
        mark, key = self.mark(), self.id()
        first = self.post(mark)
        act = Records("api", created("post", first, key=key), wants=[first], key=("officer", key))
        if not self.do(act):
            return
        for version in range(2, 6):
            last = version == 5
            key, cells = self.id(), first.cells if version == 5 else {"name": mark, "headcount": str(version * 10)}
            want = Want("post", {} if last else cells, id=first.id, version=version, live=not last)

            def send(clients, want=want, cells=cells, key=key, last=last):
                headers = {"If-Match": str(want.version - 1), "Idempotency-Key": key}
                if last:
                    status, _, _ = clients("officer").json("DELETE", f"/api/record/{want.id}?reason=x", None, headers)
                else:
                    status, _, _ = clients("officer").json("PATCH", f"/api/record/{want.id}", {"values": cells, "reason": "x"}, headers)
                return status == 200, None
            # A withdrawn record is opened no more: only its key could tell, and that is asked too late.
            if not self.do(Records("withdrawal" if last else "change", send, wants=[want], key=("officer", key), repeats=not last)):
                # Whoever was turned away has nothing to go on from.
                return

    def course(self):
        """A declaration handed in by the employer, sent back, handed in again, accepted by another than entered it."""
        mark, key = self.mark(), self.id()
        want = Want(
            "declaration", {"employer": self.world["employer"], "type": "initial", "submitted": "2019-03-01", "manager": mark}, mark, state="submitted")
        if not self.do(Records("declaration", created("declaration", want, who="firm", key=key), wants=[want], key=("firm", key))):
            return

        def step(name, version, state, who="head"):
            def send(clients):
                if who == "head" and self.rng.random() < 0.5:
                    status, _, _ = clients(who, False).form(f"/record/{want.id}/steps/{name}", {"version": str(version - 1), "remark": "请补正"})
                    return status == 303, None
                status, _, _ = clients(who).json(
                    "POST", f"/api/record/{want.id}/steps/{name}", {"remark": "请补正"}, {"If-Match": str(version - 1)})
                return status == 200, None
            return self.do(Records(name, send, wants=[Want("declaration", {}, id=want.id, version=version, state=state)], repeats=False))
        if step("return", 2, "returned") and step("submit", 3, "submitted", "firm"):
            step("accept", 4, "accepted")

    # Files of rows

    def rows(self):
        return [Want("worker", {"name": self.mark()}, id=self.id()) for _ in range(self.rng.choice((3, 60, CHUNK + 40, 2 * CHUNK + 10)))]

    def table(self, wants, workbook=False):
        names = ["id", *wants[0].cells]
        rows = [names] + [[want.id, *want.cells.values()] for want in wants]
        if not workbook:
            return ("\n".join(map(",".join, rows)) + "\n").encode()
        import openpyxl
        book, content = openpyxl.Workbook(write_only=True), io.BytesIO()
        sheet = book.create_sheet("1")
        for row in rows:
            sheet.append(row)
        book.save(content)
        return content.getvalue()

    def imported(self):
        """A file through the site: taken once its page says that it is done."""
        workbook, wants = self.rng.random() < 0.4, self.rows()
        content = self.table(wants, workbook)

        def send(clients):
            client = clients("officer", False)
            status, headers, _ = client.upload("/import", {"kind": "worker"}, "rows.xlsx" if workbook else "rows.csv", content)
            if status != 303:
                return False, None
            self.run.importing.set()
            job = headers["Location"]
            # The file is there: what turns a look at its progress away says nothing of it. Whoever looks looks again.
            while True:
                try:
                    if b'"href"' in client.ask("GET", job + "/status")[2]:
                        page = client.ask("GET", job)[2].decode()
                        break
                except TurnedAway:
                    pass
                time.sleep(0.02)
            if 'class="digest"' not in page and "SHA-256" not in page:
                # Chunks that were taken before the trouble stay.
                assert self.run.is_troubled, page
                raise NoAnswer("the import broke off")
            return True, None
        self.do(Records("xlsx" if workbook else "csv", send, wants=wants, chunk=CHUNK))

    def command(self):
        """A file through the command line, by a process of its own beside the server."""
        wants = self.rows()

        def send(clients):
            with tempfile.NamedTemporaryFile(suffix=".csv", dir=self.run.folder) as file:
                file.write(self.table(wants))
                file.flush()
                process = self.run.beside("import", "worker", file.name)
                self.run.importing.set()
                status = process.wait()
            if status < 0:
                raise NoAnswer("the command was killed")
            if status:
                assert self.run.is_troubled, f"the command ended with {status}"
                raise NoAnswer("the import broke off")
            return True, None
        self.do(Records("command", send, wants=wants, chunk=CHUNK))

    # The rest

    def attachment(self):
        size = self.rng.choice((200, 9_000, 500_000))
        content = b"%PDF-1.4\n" + self.rng.randbytes(size).hex().encode() + b"\n%%EOF\n"

        def send(clients):
            status, _, text = clients("officer", False).upload(
                f"/record/{self.world['worker']}/files", {"field": "scan", "name": "scan.pdf"}, "scan.pdf", content, {"Accept": "application/json"})
            return status == 200, text.decode().split('"')[3] if status == 200 else None
        act = File("file", send, record=self.world["worker"], content=content)
        if self.run.files < 50:  # a record takes sixty
            self.run.files += 1
            self.do(act)

    def draft(self):
        mark = self.mark()

        def send(clients):
            status, _, _ = clients("officer", False).form("/records/employer/drafts", {"name": mark}, {"Accept": "application/json"})
            return status == 200, None
        self.do(Text("draft", send, table="draft", mark=mark, repeats=False))

    def look(self):
        """A look at personal fields in clear: whoever saw them is in the audit."""
        mark = self.mark()

        def send(clients):
            status, _, page = clients("officer", False).form(f"/record/{self.world['worker']}/unmasking", {"reason": mark})
            return status == 200 and b"13800005555" in page, None
        self.do(Text("look", send, table="audit", mark=mark, repeats=False))

    def signing(self):
        def send(clients):
            client = Client(self.run.port, source=self.source)
            try:
                status, headers, _ = client.form("/sign-in", {"name": "head", "password": PASSWORD})
                return status == 303, (headers["Set-Cookie"] or "").partition("session=")[2].partition(";")[0]
            finally:
                client.close()
        self.do(Session("session", send))

    def complaint(self):
        id, mark = self.id(), self.mark()
        code = "".join(self.rng.choice("23456789ABCDEFGHJKLMNPQRSTUVWXYZ") for _ in range(12))

        def send(clients):
            status, _, _ = clients(None).form(
                "/public/complaints", {"division": COUNTY, "topics": "hazard", "against": mark, "text": "粉尘很大", "_key": id, "_code": code})
            return status == 200, id
        self.do(Records("complaint", send, wants=[Want("complaint", {"against": mark}, id=id)]))

    def device(self, every=0.01):
        """One message of a device; the next one ten milliseconds after it began, or when it was answered."""
        began, mark, key = time.monotonic(), self.mark(), self.id()
        day = 1 + self.rng.randrange(28)
        want = Want("dose", {
            "radiation_worker": self.rng.choice(self.world["dosed"]), "from": f"2019-{1 + self.rng.randrange(6):02}-{day:02}", "until": "2019-09-01",
            "dose": str(self.rng.randrange(1, 900) / 1000), "device": mark}, mark)
        self.do(Records("device", created("dose", want, key=key), wants=[want], key=("officer", key)))
        time.sleep(max(0.0, every - (time.monotonic() - began)))

    # What each thread does

    def threads(self):
        return {
            "desk": (self.form, self.draft, self.look, self.signing, self.complaint),
            "machine": (self.api, self.batch, self.batch),
            "single": (self.api,),
            "editor": (self.changes, self.course),
            "files": (self.imported, self.imported, self.attachment, self.attachment),
            "device": (self.device,),
            "command": (self.command,),
        }
