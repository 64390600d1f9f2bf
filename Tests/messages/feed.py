"""Reads calendars with the package icalendar, and says what stands in them: feed.py ASKED ANSWERED (JSON files)."""

import json
import sys

from icalendar import Calendar

answers = []
for text in json.load(open(sys.argv[1], encoding="utf-8")):
    raw = text.encode("utf-8")
    calendar = Calendar.from_ical(raw)
    events = []
    for event in calendar.walk("VEVENT"):
        alarms = event.walk("VALARM")
        events.append({
            "uid": str(event["UID"]), "day": event.decoded("DTSTART").isoformat(), "end": event.decoded("DTEND").isoformat(),
            "title": str(event["SUMMARY"]), "description": str(event.get("DESCRIPTION", "")), "url": str(event.get("URL", "")),
            "alarm": -alarms[0].decoded("TRIGGER").days if alarms else None, "stamp": event.decoded("DTSTAMP").isoformat(),
            "errors": [str(error) for error in event.errors],
        })
    answers.append({
        "version": str(calendar["VERSION"]), "name": str(calendar.get("X-WR-CALNAME", "")), "events": events,
        "longest": max(len(line) for line in raw.split(b"\r\n")), "bare": raw.replace(b"\r\n", b"").count(b"\n"),
    })
json.dump(answers, open(sys.argv[2], "w", encoding="utf-8"), ensure_ascii=False)
