# Two stages: wheels are installed in the first, only what runs is in the second. No compiler in either. What pip compiled
# stays: a start takes half the time with it, and nothing may be written there later.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements/run.txt requirements/run.txt
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation . \
 && /venv/bin/pip uninstall --yes pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="sanctions-bot" org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /venv /venv
COPY config /config
# A number, not a name: Kubernetes checks runAsNonRoot by number.
RUN install -d -o 10001 -g 10001 /data
USER 10001:10001
VOLUME /data
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib \
    SANCTIONS_BOT_CONFIG_DIR=/config \
    SANCTIONS_BOT_DATA_DIR=/data \
    SANCTIONS_BOT_WEB_HOST=0.0.0.0
EXPOSE 8321
# Of a container without the role web, which answers nobody: --no-healthcheck.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, sys, urllib.request as u; port = os.environ.get('SANCTIONS_BOT_WEB_PORT', '8321'); sys.exit(u.urlopen('http://127.0.0.1:' + port + '/healthz', timeout=4).status != 200)"]
STOPSIGNAL SIGTERM
CMD ["sanctions-bot", "run"]
