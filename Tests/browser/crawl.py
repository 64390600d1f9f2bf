"""Every page that somebody can come to by links, found by walking the running site as that person: one page for each route, and for routes
whose pages differ by what they are about (a kind's form, a calculator, a printed document) one for each of those.

Shared by accessible.py, both.py and pictures.py.
"""

import http.cookiejar
import os
import re
import urllib.error
import urllib.parse
import urllib.request
from html.parser import HTMLParser

from reader import PASSWORD

SOURCES = os.path.join(os.path.dirname(__file__), "..", "..", "Sources")
# Routes whose pages differ by what a part of the path names, and the part.
OWN_PAGE_EACH = {"/records/:kind/new": 1, "/calculate/:id": 1, "/declare/questions/:question": 2}
# How many pages of one route are read for the links on them, and how many files are fetched.
READ = 3


def sources():
    """The texts of the program."""
    for folder, _, files in os.walk(SOURCES):
        for file in files:
            if file.endswith(".swift"):
                with open(os.path.join(folder, file), encoding="utf-8") as source:
                    yield source.read()


def routes():
    """The paths of all GET routes as the sources write them."""
    found = {path for text in sources() for path in re.findall(r'Route\(\s*\.get,\s*"([^"]+)"', text)}
    return sorted(path for path in found if "**" not in path)


def matcher(paths):
    """The route of an address: literal parts go before parameters."""
    table = [(path.strip("/").split("/"), path) for path in paths]
    table.sort(key=lambda row: [part.startswith(":") for part in row[0]])

    def match(address):
        parts = urllib.parse.urlsplit(address).path.strip("/").split("/")
        for pattern, path in table:
            if len(pattern) == len(parts) and all(want.startswith(":") and have or want == have for want, have in zip(pattern, parts)):
                return path
        return None

    return match


def is_file(path):
    """Whether a route answers with a file or with data, not with a page."""
    last = path.rsplit("/", 1)[1]
    return "." in last or path.startswith(("/api/", "/calendar/", "/file/")) or last in ("lookup", "status") and path != "/lookup" or path in ("/calculate", "/cases", "/drafts/:id")


class Links(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        if tag == "a" and values.get("href"):
            self.found.append(values["href"])


class Walker:
    """Somebody's session without a browser."""

    def __init__(self, base, name, language="zh-CN"):
        self.base, self.name = base, name
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))
        self.opener.addheaders = [("Accept-Language", language), ("Accept", "text/html")]
        if name:
            self.post("/sign-in", name=name, password=PASSWORD)

    def get(self, path):
        """Status, type and text."""
        try:
            with self.opener.open(self.base + path, timeout=60) as answer:
                return answer.status, answer.headers.get("content-type") or "", answer.read().decode("utf-8", "replace"), answer.url[len(self.base):]
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers.get("content-type") or "", answer.read().decode("utf-8", "replace"), path

    def post(self, path, **fields):
        body = urllib.parse.urlencode(fields, doseq=True).encode()
        try:
            with self.opener.open(self.base + path, body, timeout=60) as answer:
                return answer.status, answer.url, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as answer:
            return answer.code, path, answer.read().decode("utf-8", "replace")


def same(address):
    """An address without what does not make another page: language, place in a list, way back."""
    parts = urllib.parse.urlsplit(address)
    query = [(name, value) for name, value in urllib.parse.parse_qsl(parts.query) if name not in ("lang", "page", "from", "next", "after", "before")]
    return parts._replace(query=urllib.parse.urlencode(query), fragment="").geturl()


def crawl(walker, start=("/",), leave=()):
    """The pages that somebody comes to: route and what makes it a page of its own → an address; and the links that lead nowhere.

    What begins with one of `leave` is left to others: the public pages are the same for everybody."""
    match = matcher(routes())
    pages, read, seen, queue, broken = {}, {}, set(), list(start), []
    while queue:
        address = queue.pop(0)
        path = same(address)
        if path in seen or path.startswith(tuple(leave)):
            continue
        seen.add(path)
        route = match(path)
        if route is None:
            broken.append((address, "no route"))
            continue
        parts = urllib.parse.urlsplit(path).path.strip("/").split("/")
        own = (route, parts[OWN_PAGE_EACH[route]]) if route in OWN_PAGE_EACH else (route, "")
        filtered = bool(urllib.parse.urlsplit(path).query)
        if own in pages and (read.get(route, 0) >= READ or is_file(route)) and (own[1] == "" or filtered):
            continue
        read[route] = read.get(route, 0) + 1
        status, kind, text, at = walker.get(address)
        if status >= 400:
            broken.append((address, status))
            continue
        if not kind.startswith("text/html"):
            pages.setdefault(own, "")
            continue
        landed = match(at)
        if landed != route:  # Led on: the page is another's.
            queue.append(at)
            continue
        pages.setdefault(own, path)
        links = Links()
        links.feed(text)
        for link in links.found:
            full = urllib.parse.urljoin(walker.base + address, link)
            if full.startswith(walker.base + "/") and "/assets/" not in full:
                queue.append(full[len(walker.base):])
    return pages, broken
