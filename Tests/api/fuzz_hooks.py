"""What schemathesis does before and after each call of fuzz.py: it calls as one person, names records that exist in every second call, and
writes down what each operation answered."""

import json
import os
import random

import schemathesis

BEARER = os.environ.get("FUZZ_BEARER", "")
IDS = list(json.loads(os.environ.get("FUZZ_IDS", "{}")).values())
CHOICE = random.Random(20261121)


@schemathesis.hook
def before_call(context, case, kwargs):
    # Whatever was made up for the header, the person is who they are.
    headers = case.headers if case.headers is not None else {}
    for name in list(headers):
        if name.lower() == "authorization":
            del headers[name]
    if BEARER:
        headers["Authorization"] = "Bearer " + BEARER
    case.headers = headers
    if IDS and case.path_parameters and "id" in case.path_parameters and CHOICE.random() < 0.5:
        case.path_parameters["id"] = CHOICE.choice(IDS)


@schemathesis.hook
def after_call(context, case, response):
    with open(os.environ["FUZZ_ANSWERS"], "a", encoding="utf-8") as file:
        file.write(f"{case.operation.label}\t{response.status_code}\n")
