"""The peer on Django: no middleware, models over the tables as they are, `values_list` instead of objects, orjson.

Run by gunicorn with threads, a worker per core, connections kept. PEER_DATABASE and PEER_SCOPE as for site_fastapi.
"""
import datetime
import os
import sqlite3
import uuid

import django
import orjson
from django.conf import settings

settings.configure(
    DEBUG=False, SECRET_KEY="bench", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, MIDDLEWARE=[], INSTALLED_APPS=[], USE_TZ=False, APPEND_SLASH=False,
    DATABASES={"default": {
        "ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["PEER_DATABASE"], "CONN_MAX_AGE": None,
        "OPTIONS": {"timeout": 30, "transaction_mode": "IMMEDIATE", "init_command": ";".join(
            ["PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA cache_size = -65536", "PRAGMA temp_store = MEMORY", "PRAGMA mmap_size = 268435456"])}}})
django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import models, transaction  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import path  # noqa: E402
from pydantic import ValidationError  # noqa: E402

import store  # noqa: E402

SCOPE = os.environ.get("PEER_SCOPE", "")
SCOPE_END = SCOPE + ":"


def model(table, columns, key):
    """A model over a table that is there."""
    of = {"flag": models.IntegerField, "whole": models.IntegerField, "number": models.FloatField}
    members = {name: of.get(type, models.TextField)(null=True, primary_key=name == key) for name, type in columns}
    meta = type("Meta", (), {"managed": False, "db_table": table, "app_label": "peer"})
    return type(table.title().replace("_", ""), (models.Model,), members | {"Meta": meta, "__module__": __name__})


def shapes():
    database = sqlite3.connect(os.environ["PEER_DATABASE"])
    for (kind,) in database.execute("SELECT DISTINCT kind FROM field").fetchall():
        fields = database.execute("SELECT name, type, masked FROM field WHERE kind = ? ORDER BY place", (kind,)).fetchall()
        base = [(name, "whole" if name == "version" else "text") for name in store.BASE]
        yield kind, store.Shape(kind, fields), model(kind, base + [(name, type) for name, type, _ in fields], "id")
    database.close()


SHAPES, MODELS = {}, {}
for kind, shape, table in shapes():
    SHAPES[kind], MODELS[kind] = shape, table
Figure = model("figure", [("plan", "text"), ("day", "text"), ("place", "whole")] + [
    (name, "number" if name in ("value", "low", "high", "target", "upper") else "whole" if name in ("met", "unmet", "unknown", "pending", "due") else "text")
    for name in store.FIGURE_COLUMNS], "place")
Plan = model("plan", [("plan", "text"), ("edition", "whole"), ("digest", "text"), ("division", "text")], "plan")
Audit = model("audit", [("sequence", "whole"), ("moment", "text"), ("person", "text"), ("subject", "text"), ("detail", "text")], "sequence")


def answer(value, status=200):
    return HttpResponse(orjson.dumps(value), status=status, content_type="application/json")


def ready(request):
    return answer({})


def listed(request, kind):
    shape, limit = SHAPES[kind], int(request.GET.get("limit", 50))
    found = MODELS[kind].objects.filter(home__gte=SCOPE, home__lt=SCOPE_END, id__lt=request.GET.get("after", "\x7f"))
    rows = list(found.order_by("-id").values_list(*shape.columns)[:limit + 1])
    return answer({"items": [shape.answer(row) for row in rows[:limit]], "next": rows[limit - 1][0] if len(rows) > limit else None})


def one(request, kind, id):
    row = MODELS[kind].objects.filter(id=id).values_list(*SHAPES[kind].columns).first()
    return answer(SHAPES[kind].answer(row)) if row else answer({"code": "record.missing"}, 404)


def board(request, plan):
    day = request.GET["as_of"]
    rows = Figure.objects.filter(plan=plan, day=day).order_by("place").values_list(*store.FIGURE_COLUMNS)
    edition, digest, division = Plan.objects.values_list("edition", "digest", "division").get(plan=plan)
    return answer({
        "plan": plan, "edition": edition, "digest": digest, "as_of": day, "known_at": None, "division": division,
        "items": [store.figure(row) for row in rows]})


def audit(subject, detail):
    Audit.objects.create(moment=now(), person="bench", subject=subject, detail=detail)


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat()


def clear(request, kind, id):
    row = MODELS[kind].objects.filter(id=id).values_list(*SHAPES[kind].columns).first()
    if row is None:
        return answer({"code": "record.missing"}, 404)
    with transaction.atomic():
        audit(id, "seen in clear: " + orjson.loads(request.body)["reason"])
    return answer(SHAPES[kind].answer(row))


def write(request):
    try:
        values = store.Written.model_validate_json(request.body).values
    except ValidationError as error:
        return answer({"code": "invalid", "errors": error.errors(include_input=False, include_url=False)}, 422)
    id = uuid.uuid4().hex
    with transaction.atomic():
        home = MODELS["employer"].objects.filter(id=values.employer).values_list("home", flat=True).first()
        if home is None:
            return answer({"code": "reference.missing", "field": "employer"}, 422)
        MODELS["inspection"].objects.create(
            id=id, version=1, home=home, recorded_at=now(), title=values.employer, employer=values.employer, day=values.day.isoformat(), mode=values.mode,
            findings=values.findings)
        audit(id, "created")
    return answer({"row": None, "fate": "created", "id": id, "version": 1}, 201)


def records(request, kind):
    return write(request) if request.method == "POST" else listed(request, kind)


urlpatterns = [
    path("ready", ready), path("api/records/<str:kind>", records), path("api/record/<str:kind>/<str:id>", one),
    path("api/record/<str:kind>/<str:id>/clear", clear), path("api/plans/<str:plan>", board)]
application = WSGIHandler()
