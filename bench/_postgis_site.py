"""The design that Amparo does without, as a web server: one view, one joined ST_Covers query, nothing else.

It is kinder to itself than a real one would be: no middleware, no sessions, no names or addresses of members to look
up, and outlines subdivided beforehand. `BENCH_DSN` says where, `BENCH_CONN_MAX_AGE` how long a connection is kept.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import JsonResponse
from django.urls import path
from psycopg.conninfo import conninfo_to_dict

from amparo.targets.postcodes import FORMATS
from bench._postgis import QUERY

if TYPE_CHECKING:
    from django.http import HttpRequest

_where = conninfo_to_dict(os.environ["BENCH_DSN"])
settings.configure(
    ALLOWED_HOSTS=["*"],
    SECRET_KEY="only-for-measuring",
    ROOT_URLCONF=__name__,
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": _where["host"],
            "PORT": _where["port"],
            "USER": _where["user"],
            "NAME": _where["dbname"],
            "CONN_MAX_AGE": int(os.environ["BENCH_CONN_MAX_AGE"]),
        }
    },
)


def find(request: HttpRequest) -> JsonResponse:
    """The seats that cover a postcode."""
    code = FORMATS["uk"].normalize(request.POST["postal-code"])
    with connection.cursor() as cursor:
        cursor.execute(QUERY, [code])
        answer = JsonResponse({"candidates": [{"area": {"code": seat}} for (seat,) in cursor.fetchall()]})
    # As Django's own middleware would say; else the answer goes in chunks.
    answer.headers["Content-Length"] = str(len(answer.content))
    return answer


urlpatterns = [path("targets/find/uk/", find)]
application = get_wsgi_application()
