# One image for the web server and the worker. Behind a mirror: docker build --build-arg PIP_INDEX_URL=... .
FROM python:3.12-slim AS builder
ARG PIP_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN python -m venv /venv \
    && /venv/bin/pip install --require-hashes -r requirements.lock \
    && pip install --require-hashes -r requirements-build.lock
COPY pyproject.toml README.md LICENSE ./
COPY amparo amparo
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
    && /venv/bin/pip install --no-deps --no-index /wheels/*.whl

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DJANGO_SETTINGS_MODULE=amparo.config.settings \
    AMPARO_VAR=/var/lib/amparo \
    AMPARO_EXTRA_HOSTS=127.0.0.1
# What lays out PDFs, and fonts for the scripts of the world.
RUN apt-get update \
    && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core \
    && rm -rf /var/lib/apt/lists/*
RUN groupadd --gid 10001 amparo \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /var/lib/amparo --shell /usr/sbin/nologin amparo \
    && install -d -o amparo -g amparo -m 0700 /var/lib/amparo /run/amparo \
    && install -d -o amparo -g amparo -m 0755 /srv/amparo
COPY --from=builder /venv /venv
COPY --chmod=0555 scripts/container.sh /usr/local/bin/amparo-container
USER amparo
WORKDIR /srv/amparo
# The static files belong to this version of the program, so they live in the image and not in a volume. The key
# is made up for this one command; the master key is not read by it.
RUN AMPARO_VAR=/srv/amparo \
    AMPARO_MASTER_KEY_FILE=/srv/amparo/none \
    SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" \
    django-admin collectstatic --noinput --verbosity 0
VOLUME ["/var/lib/amparo"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["amparo-container"]
CMD ["amparo", "serve", "--bind", "0.0.0.0:8000"]
