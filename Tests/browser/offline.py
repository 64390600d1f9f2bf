"""An inspection where there is no network: what was ticked, written and photographed stays in the phone, is there again after the page was
left, and goes to the house by itself once the network is back. Nothing is lost and nothing is kept twice.

Environment: ZHIFANG_BINARY, ZHIFANG_DATABASE (a demonstration database that may be changed), ZHIFANG_SCREENSHOTS.
"""

import os
import struct
import tempfile
import zlib

from selenium.webdriver.support.ui import Select, WebDriverWait

import reader as readers
from reader import Reader, Served, check

NOTE = "打磨岗无局部排风，工人未戴防尘口罩（离线记录）"
FINDING = "现场无网络时写下的检查情况"


def photo(path):
    """A small picture as a camera would give it."""
    rows = b"".join(b"\0" + b"".join(bytes((x * 4 % 256, y * 4 % 256, 90)) for x in range(64)) for y in range(64))

    def part(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    with open(path, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0)) + part(b"IDAT", zlib.compress(rows)) + part(b"IEND", b""))


def network(driver, on):
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd("Network.emulateNetworkConditions", {"offline": not on, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1})


def waits(driver, script, words, seconds=20):
    try:
        WebDriverWait(driver, seconds).until(lambda _: driver.execute_script(script))
    except Exception as error:
        raise AssertionError(f"{words}: {driver.current_url} {driver.find_element('tag name', 'body').text[:500]}") from error


def first(reader, names):
    """Chooses the first that is offered in each select that is still open."""
    for place, name in enumerate(names):
        for field in reader.all(f"#inspection select[name='{name}']"):
            select = Select(field)
            if not field.get_attribute("value"):
                # The second inspector is another person than the first.
                select.select_by_index(min(1 + sum("inspector" in other for other in names[:place]), len(select.options) - 1))
            reader.driver.execute_script("arguments[0].dispatchEvent(new Event('change', {bubbles: true}))", field)


def inspects(base, folder):
    reader = Reader(base, 390, 844, "officer in the field")
    driver = reader.driver
    try:
        reader.sign_in("officer330402")
        reader.go("/inspect?lang=zh")
        href = reader.one("a.button[href^='/inspect/new?employer=']").get_attribute("href")
        before = reader.fetch("/records/inspection/export.csv")[2].decode("utf-8", "replace").count("\n")
        reader.go(href)
        address = driver.current_url
        needed = driver.execute_script("return [...document.querySelectorAll('#inspection select[required]')].map((e) => e.name)")
        network(driver, False)
        # Everything is filled in without a network.
        first(reader, needed)
        groups = driver.execute_script("document.querySelectorAll('details.check').forEach((e) => { e.open = true; }); return document.querySelector('#inspection input[type=radio][value=no]').name")
        code = groups.removeprefix("result.")
        reader.fill("#inspection", **{f"result__{code}".replace(".", "__"): "no", f"note__{code}".replace(".", "__"): NOTE})
        if reader.all("#inspection [name=findings]"):
            reader.fill("#inspection", findings=FINDING)
        picture = os.path.join(folder, "打磨岗.png")
        photo(picture)
        reader.one(f"input[data-file='item.{code}']").send_keys(picture)
        waits(driver, "return document.querySelectorAll('[data-queue] li').length === 1", "the photo waits in the phone")
        driver.execute_script("document.querySelector('#inspection').dispatchEvent(new Event('change', {bubbles: true})); document.querySelector('#send').click()")
        waits(driver, "const s = document.querySelector('[data-state]'); return !s.hidden && s.textContent === document.querySelector('#inspection').dataset.offline", "that there is no network is said")
        reader.picture("offline-kept")
        check(driver.execute_script("return document.querySelectorAll('[data-queue] li').length") == 1, "the photo still waits")
        driver.get_log("browser")
        # The page is left before there is a network, and opened again: all of it is there.
        driver.get("about:blank")
        network(driver, True)
        reader.go(address)
        waits(driver, "return document.querySelectorAll('[data-queue] li').length === 1", "the photo is there again")
        kept = driver.execute_script("return [document.querySelector(`[name='result.${arguments[0]}'][value=no]`).checked, document.querySelector(`[name='note.${arguments[0]}']`).value]", code)
        check(kept == [True, NOTE], f"what was ticked and written is there again: {kept}")
        # Sent without a network, it goes by itself when the network is back.
        network(driver, False)
        driver.execute_script("document.querySelector('#send').click()")
        waits(driver, "return document.querySelector('[data-state]').textContent === document.querySelector('#inspection').dataset.offline", "again no network")
        driver.get_log("browser")
        network(driver, True)
        waits(driver, "return location.pathname.startsWith('/inspections/')", "it goes by itself when the network is back", 30)
        reader.whole("the inspection that was sent")
        check(driver.current_url.startswith(base + "/inspections/"), f"the inspection is shown: {driver.current_url}")
        reader.sees(NOTE)
        waits(driver, "return [...document.querySelectorAll('main img')].some((e) => e.naturalWidth > 0)", "its photo is kept with it")
        reader.picture("offline-sent")
        left = driver.execute_script("return Object.keys(localStorage).filter((key) => key.startsWith('zhifang.'))")
        check(not left, f"nothing stays in the phone: {left}")
        after = reader.fetch("/records/inspection/export.csv")[2].decode("utf-8", "replace").count("\n")
        check(after == before + 1, f"one inspection more, not {after - before}")
    finally:
        driver.quit()


def main():
    with Served(os.environ["ZHIFANG_BINARY"], os.environ["ZHIFANG_DATABASE"]) as served, tempfile.TemporaryDirectory() as folder:
        inspects(served.base, folder)


if __name__ == "__main__":
    readers.told("offline", main)
