# syncd in a container. Mount the configuration at /etc/syncd; the database lives in the volume.
FROM python:3.13-slim AS build
WORKDIR /src
RUN python -m venv /opt/syncd
# the dependencies first: they change less often than the code, and only as the lock file says
COPY requirements.lock ./
RUN /opt/syncd/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY syncd ./syncd
COPY connectors ./connectors
COPY mapping ./mapping
COPY config ./config
# setuptools comes from the lock file too, so nothing is fetched here
RUN /opt/syncd/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/syncd --shell /usr/sbin/nologin syncd \
    && install --directory --owner=10001 --mode=0750 /var/lib/syncd
COPY --from=build /opt/syncd /opt/syncd
ENV PATH=/opt/syncd/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    SYNCD_CONFIG=/etc/syncd/syncd.yaml
# the default database, sqlite:///syncd.db, is relative to this directory
WORKDIR /var/lib/syncd
VOLUME /var/lib/syncd
USER 10001
# only that the process works: a tracker or a database that is away is no reason to kill it
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import http.client, sys; it = http.client.HTTPConnection('127.0.0.1:8321', timeout=4); \
    it.request('GET', '/healthz'); sys.exit(it.getresponse().status != 200)"]
ENTRYPOINT ["syncd"]
CMD ["run"]
