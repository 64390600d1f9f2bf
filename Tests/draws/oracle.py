"""Asks Scripts/draw-verify.py about files: `oracle.py asked.json answered.json`.

Asked: a list of {"file": text, "commitment": text or null, "flips": n}. Answered: for each {"why": null or the reason of the refusal,
"drawn": [[rank, stratum, object, inspectors…]…], "accepted": the changed copies that were not refused}. With flips n > 0 every n-th
byte, one after another, is changed to three other values: its neighbours by one bit, by the case bit and by a random one.
"""
import importlib.util
import json
import pathlib
import random
import sys

path = pathlib.Path(__file__).resolve().parents[2] / "Scripts" / "draw-verify.py"
spec = importlib.util.spec_from_file_location("draw_verify", path)
draw = importlib.util.module_from_spec(spec)
spec.loader.exec_module(draw)


def refused(data, commitment=None):
    try:
        draw.verify(data, commitment)
        return None
    except (draw.Refused, UnicodeError) as why:
        return str(why)


def answer(case):
    data = case["file"].encode()
    why, drawn = None, []
    try:
        _, result = draw.verify(data, case.get("commitment"))
        drawn = [[str(rank), stratum, name, *sent] for rank, stratum, name, sent in result]
    except (draw.Refused, UnicodeError) as error:
        why = str(error)
    accepted = []
    step = case.get("flips", 0)
    generator = random.Random(len(data))
    for place in range(0, len(data), step) if step else []:
        for mask in {1, 0x20, generator.randrange(1, 256)}:
            copy = bytearray(data)
            copy[place] ^= mask
            if refused(bytes(copy)) is None:
                accepted.append(place)
    return {"why": why, "drawn": drawn, "accepted": accepted}


asked, answered = sys.argv[1:]
cases = json.loads(pathlib.Path(asked).read_text(encoding="utf-8"))
pathlib.Path(answered).write_text(json.dumps([answer(case) for case in cases]), encoding="utf-8")
