"""Both languages are complete: every page that somebody can come to is read in Chinese and in English, and what it says of its own is in the
language that it was asked for. Data stay as they were entered, names of laws and standards as they are printed.

Environment: ZHIFANG_BINARY, ZHIFANG_DATABASE (a demonstration database; best after chain.py).
"""

import csv
import html.parser
import os
import re
import sqlite3

import yaml

import crawl
import reader as readers
from accessible import plan
from prepare import prepare
from reader import Served, check

ROOT = os.path.join(os.path.dirname(__file__), "..", "..")
HAN = re.compile(r"[\u3400-\u9fff]")
KEY = re.compile(r"\b(?:[a-z]+\.)+[a-z][a-z-]+\b")
# What is the same in both: the band of a demonstration, the other language's own name.
# And the one factor of the catalogue (B292, without a CAS number) that has no English name.
SAME = {"演示数据 · demonstration data", "中文", "English", "围涎树碱"}
SILENT = {"script", "style", "svg", "code", "del", "ins", "time"}
SPOKEN = ("aria-label", "title", "alt", "placeholder", "data-offline", "data-restored", "data-sending", "data-refused", "data-left", "data-signed-out")


class Text(html.parser.HTMLParser):
    """The words of a page with the language that they are said to be in: what stands between tags, and what is read aloud."""

    def __init__(self):
        super().__init__()
        self.stack, self.found = [], []

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        language = values.get("lang") or (self.stack[-1][1] if self.stack else "")
        for name in SPOKEN:
            if values.get(name):
                self.found.append((values[name].strip(), language))
        if tag in ("input", "meta", "link", "img", "br", "hr", "rect", "path", "col"):
            return
        self.stack.append((tag, language))

    def handle_endtag(self, tag):
        while self.stack and self.stack.pop()[0] != tag:
            pass

    def handle_data(self, text):
        text = re.sub(r"\s+", " ", text).strip()
        if text and not any(tag in SILENT for tag, _ in self.stack):
            self.found.append((text, self.stack[-1][1] if self.stack else ""))


def words(language):
    """The words of the house in one language, by key."""
    found = {}
    folder = os.path.join(ROOT, "Sources", "Web", "Words")
    for name in os.listdir(folder):
        if name.startswith(language) and name.endswith(".yaml"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                found |= {key: str(value) for key, value in (yaml.safe_load(file) or {}).items()}
    return found


def codes():
    """The Chinese names of the house's codes, table by table."""
    with open(os.path.join(ROOT, "Data", "standards", "codes.yaml"), encoding="utf-8") as file:
        tables = yaml.safe_load(file)
    for table in (tables.get("tables") or tables).values():
        if isinstance(table, dict) and isinstance(table.get("codes"), dict):
            yield [entry["zh"] for entry in table["codes"].values() if isinstance(entry, dict) and entry.get("zh") and entry["zh"] != entry.get("en")]


# Columns and keys of the standards that name or quote a document, a clause or a place, in the words of the document.
QUOTED = {"source", "sources", "clause", "basis", "note", "notes", "edition", "editions", "document", "force", "verified", "title", "jurisdiction"}


def quoted(node, inside=False):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from quoted(value, inside or key in QUOTED)
    elif isinstance(node, list):
        for value in node:
            yield from quoted(value, inside)
    elif isinstance(node, str) and inside:
        yield node


def data(database):
    """What may stand in Chinese on an English page: what was entered (records, accounts, messages), what plans say in their own words, names of
    places and industries, and the documents and clauses that are quoted. A name that the house gives to a code is none of these."""
    texts = []
    base = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    for (table,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for row in base.execute(f'SELECT * FROM "{table}"'):
            texts += [value for value in row if isinstance(value, str) and HAN.search(value)]
    base.close()
    for folder, _, files in os.walk(os.path.join(ROOT, "Data")):
        for name in files:
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8") as file:
                if "/plans" in folder or name in ("divisions.csv", "industries.csv", "townships.csv"):
                    texts.append(file.read())
                elif name.endswith(".csv"):
                    texts += [row[column] for row in csv.DictReader(file) for column in row if column in QUOTED and row[column]]
                elif name.endswith(".yaml"):
                    texts += list(quoted(yaml.safe_load(file)))
    # Clauses that rules and fields cite.
    for text in crawl.sources():
        texts += re.findall(r'(?:clause|source|basis|law): \(?"([^"]+)"', text)
    return "\n".join(texts)


def main():
    database = os.environ["ZHIFANG_DATABASE"]
    with Served(os.environ["ZHIFANG_BINARY"], database) as served:
        prepare(served.base)
        plans, _, _ = plan(served.base)
        entered = data(database)
        chinese, english = words("zh"), words("en")
        # What is the same word in both languages says nothing.
        names = {value for table in codes() for value in table}
        of_chinese = names | {text for key, text in chinese.items() if HAN.search(text) and text != english[key]}
        of_english = {text for key, text in english.items() if not HAN.search(text) and text != chinese[key] and " " in text}
        keys = set(chinese)
        wrong, count, read = {}, 0, 0
        for role, mine in plans:
            for language in ("zh", "en"):
                walker = crawl.Walker(served.base, role)
                for route, path in mine:
                    status, kind, page, _ = walker.get(path + ("&" if "?" in path else "?") + "lang=" + language)
                    check(status == 200, f"{path} in {language} as {role}: {status}")
                    check(f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in page, f"{path} does not say that it is in {language}")
                    text = Text()
                    text.feed(page)
                    count += 1
                    for piece, said in text.found:
                        read += 1
                        if piece in SAME:
                            continue
                        key = KEY.search(piece)
                        # The lines of the audit stand as they are hashed, in the program's own words.
                        if key and key.group() in keys and route != "/audit":
                            wrong.setdefault(("a bare key", piece[:80]), f"{path} in {language} as {role}")
                        # What is marked as Chinese is quoted; a code of the house is nevertheless to be named in English.
                        if language == "en" and said.startswith("zh") and piece in names and piece not in entered:
                            wrong.setdefault(("Chinese in English", piece[:120]), f"{path} as {role}")
                        if language == "en" and not said.startswith("zh") and HAN.search(piece):
                            bare = [run for run in re.findall(r"[\u3400-\u9fff]+", piece) if run not in entered]
                            if (piece in of_chinese and piece not in entered) or bare:
                                wrong.setdefault(("Chinese in English", piece[:120]), f"{path} as {role}")
                        if language == "zh" and not said.startswith("en") and not HAN.search(piece) and piece in of_english:
                            wrong.setdefault(("English in Chinese", piece[:120]), f"{path} as {role}")
        check(count > 150 and read > 10000, f"only {count} pages with {read} pieces were read")
        lines = [f"{why}: “{piece}” on {where}" for (why, piece), where in sorted(wrong.items())]
        check(not lines, f"{len(lines)} left untranslated:\n  " + "\n  ".join(lines[:150]))
    return f"{count} pages, {read} pieces of text"


if __name__ == "__main__":
    readers.told("both languages", main)
