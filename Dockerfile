# Build: the packages by their hashes, then the service itself as a wheel.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /build

COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv /opt/build \
 && /opt/build/bin/pip install -q --require-hashes -r requirements/build.txt \
 && python -m venv --without-pip /opt/fortnox-sync \
 && /opt/build/bin/pip --python /opt/fortnox-sync install -q --require-hashes -r requirements/runtime.txt

COPY pyproject.toml README.md ./
COPY migrations migrations
COPY src src
RUN /opt/build/bin/hatchling build -t wheel \
 && /opt/build/bin/pip --python /opt/fortnox-sync install -q --no-deps dist/*.whl

# Run: that environment and nothing that could build another.
FROM python:3.13-slim
RUN useradd --no-log-init --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin fortnox-sync \
 && install --directory --owner=10001 --group=10001 /var/lib/fortnox-sync
COPY --from=build /opt/fortnox-sync /opt/fortnox-sync

ENV PATH=/opt/fortnox-sync/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOST=0.0.0.0 PORT=8000
WORKDIR /var/lib/fortnox-sync
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "from os import environ; from urllib.request import urlopen; urlopen(f'http://127.0.0.1:{environ[\"PORT\"]}/healthz', timeout=3)"]

ENTRYPOINT ["fortnox-sync"]
CMD ["serve"]
